import { applyDecorators, type Type, type ValidationError, ValidationPipe } from '@nestjs/common'
import { IsISO8601, ValidateBy } from 'class-validator'
import { instantOfText, invalidQuery } from '../kernel/index.js'

/** Reads query parameters into a checked DTO; unknown parameters are ignored, as clients may send more. */
export const queryPipe = (dto: Type<object>): ValidationPipe =>
  new ValidationPipe({
    expectedType: dto,
    transform: true,
    whitelist: true,
    stopAtFirstError: true,
    exceptionFactory: (errors: ValidationError[]) => invalidQuery(firstProblem(errors)),
  })

const NOT_A_DATE = { message: 'cannot be recognized as a ISO-8601 compliant date' }

/** `2026-01-31`, or a date-time; the weeks and ordinal days that ISO 8601 has besides are not taken. */
export const IsDateOrDateTime = (): PropertyDecorator =>
  applyDecorators(
    IsISO8601({ strict: true }, NOT_A_DATE),
    ValidateBy({ name: 'isInstant', validator: { validate: namesAnInstant } }, NOT_A_DATE),
  )

const namesAnInstant = (value: unknown): boolean =>
  typeof value === 'string' && instantOfText(value) !== undefined

const firstProblem = ([first]: ValidationError[]): string =>
  first === undefined
    ? 'The query cannot be read'
    : `Property .${first.property} ${Object.values(first.constraints ?? {})[0] ?? 'is invalid'}`
