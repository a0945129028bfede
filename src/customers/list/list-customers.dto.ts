import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import { IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator'
import { IsDateOrDateTime, PageLimit } from '../../http/index.js'
import { CustomerDto } from '../show/customer.dto.js'
import { ORDERS, type Order } from './customer-list.read-model.js'

const NOT_TEXT = { message: 'must be string' }
const DATE = { format: 'date-time', example: '2026-11-23T10:00:00.123456Z' }

/** Query of the list of customers; conditions given together must all hold. */
export class ListCustomersQueryDto {
  @PageLimit('customers')
  limit: number = 10

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 99,
    default: 1,
    description: 'Which page to return. To see more than 99 pages, use `starting_after`.',
  })
  @Type(() => Number)
  @Max(99, { message: 'must be <= 99' })
  @Min(1, { message: 'must be >= 1' })
  @IsInt({ message: 'must be integer' })
  page: number = 1

  @ApiPropertyOptional({
    example: 'john.smith@email.com',
    description: 'Only customers with exactly this e-mail.',
  })
  @IsOptional()
  @IsString(NOT_TEXT)
  email?: string

  @ApiPropertyOptional({ example: 'New York', description: 'Only customers with exactly this city.' })
  @IsOptional()
  @IsString(NOT_TEXT)
  city?: string

  @ApiPropertyOptional({ example: 'John Smith', description: 'Only customers with exactly this name.' })
  @IsOptional()
  @IsString(NOT_TEXT)
  name?: string

  @ApiPropertyOptional({
    description: 'Accepted for compatibility: there are no segments, so nobody is in one.',
  })
  @IsOptional()
  @IsString(NOT_TEXT)
  segment_id?: string

  @ApiPropertyOptional({ ...DATE, description: 'Only customers created before this date or date-time.' })
  @IsOptional()
  @IsDateOrDateTime()
  'created_at[before]'?: string

  @ApiPropertyOptional({ ...DATE, description: 'Only customers created after this date or date-time.' })
  @IsOptional()
  @IsDateOrDateTime()
  'created_at[after]'?: string

  @ApiPropertyOptional({
    ...DATE,
    description: 'Only customers that last changed before this date or date-time.',
  })
  @IsOptional()
  @IsDateOrDateTime()
  'updated_at[before]'?: string

  @ApiPropertyOptional({
    ...DATE,
    description: 'Only customers that last changed after this date or date-time.',
  })
  @IsOptional()
  @IsDateOrDateTime()
  'updated_at[after]'?: string

  @ApiPropertyOptional({
    enum: ORDERS,
    default: '-created_at',
    description:
      'What to sort by; a dash sorts the other way round. Customers that never changed, or have no `source_id`, come last when it is sorted by that upwards.',
  })
  @IsOptional()
  @IsIn(ORDERS, { message: `must be equal to one of ${ORDERS.join(',')}` })
  order?: Order

  @ApiPropertyOptional({
    ...DATE,
    description:
      'Go on behind the customer with this `created_at`: to older ones, or to newer ones when `order` is `created_at` or `updated_at`. The page is then sorted by `created_at`.',
  })
  @IsOptional()
  @IsDateOrDateTime()
  starting_after?: string
}

/** A page of customers. */
export class CustomerListDto {
  @ApiProperty({ enum: ['list'], description: 'What kind of object this is.' })
  object!: 'list'

  @ApiProperty({ enum: ['customers'], description: 'Names the property that holds the items.' })
  data_ref!: 'customers'

  @ApiProperty({ type: [CustomerDto], description: 'The customers of this page.' })
  customers!: CustomerDto[]

  @ApiProperty({
    type: 'integer',
    example: 1,
    description: 'How many customers there are, of those that the conditions leave.',
  })
  total!: number

  @ApiProperty({ description: 'Whether there are more customers behind this page.' })
  has_more!: boolean
}
