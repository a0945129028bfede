import {
  applyDecorators,
  type ArgumentMetadata,
  type Type,
  type ValidationError,
  ValidationPipe,
} from '@nestjs/common'
import { ApiPropertyOptional } from '@nestjs/swagger'
import { Type as Typed } from 'class-transformer'
import { getMetadataStorage, IsInt, IsISO8601, Max, Min, ValidateBy } from 'class-validator'
import { instantOfText, invalidQuery } from '../kernel/index.js'

/** Reads query parameters into a checked DTO; unknown parameters are ignored, as clients may send more. */
export const queryPipe = (dto: Type<object>): ValidationPipe => new QueryPipe(dto)

class QueryPipe extends ValidationPipe {
  private readonly names: ReadonlySet<string>

  constructor(dto: Type<object>) {
    super({
      expectedType: dto,
      transform: true,
      whitelist: true,
      stopAtFirstError: true,
      exceptionFactory: (errors: ValidationError[]) => invalidQuery(firstProblem(errors)),
    })
    const checks = getMetadataStorage().getTargetValidationMetadatas(dto, '', true, false)
    this.names = new Set(checks.map(({ propertyName }) => propertyName))
  }

  override transform(query: Record<string, unknown>, metadata: ArgumentMetadata): Promise<object> {
    for (const [name, value] of Object.entries(query)) this.requireSingle(name, value)
    return super.transform(query, metadata) as Promise<object>
  }

  /** `a=1&a=2`, `a[]=1` and `a[b]=1` say nothing that could be done for a parameter `a`. */
  private requireSingle(name: string, value: unknown): void {
    const [stem = ''] = name.split('[', 1)
    const several = this.names.has(name) ? typeof value !== 'string' : this.names.has(stem)
    if (several) throw invalidQuery(`Property .${stem} must be given once, as a single value`)
  }
}

/** How many items a page of a list has at most: 1 to 100, by default 10; `items` names them. */
export const PageLimit = (items: string): PropertyDecorator =>
  applyDecorators(
    IsInt({ message: 'must be integer' }),
    Min(1, { message: 'must be >= 1' }),
    Max(100, { message: 'must be <= 100' }),
    Typed(() => Number),
    ApiPropertyOptional({
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 10,
      description: `How many ${items} to return.`,
    }),
  )

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
