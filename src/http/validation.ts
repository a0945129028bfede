import { type Type, type ValidationError, ValidationPipe } from '@nestjs/common'
import { invalidQuery } from '../kernel/index.js'

/** Reads query parameters into a checked DTO; unknown parameters are ignored, as clients may send more. */
export const queryPipe = (dto: Type<object>): ValidationPipe =>
  new ValidationPipe({
    expectedType: dto,
    transform: true,
    whitelist: true,
    stopAtFirstError: true,
    exceptionFactory: (errors: ValidationError[]) => invalidQuery(firstProblem(errors)),
  })

const firstProblem = ([first]: ValidationError[]): string =>
  first === undefined
    ? 'The query cannot be read'
    : `Property .${first.property} ${Object.values(first.constraints ?? {})[0] ?? 'is invalid'}`
