import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsIn, IsOptional, IsString } from 'class-validator'
import { IsDateOrDateTime, PageLimit } from '../../http/index.js'
import { ACTIVITY_TYPE_NAMES } from './activity-types.js'
import { CustomerDto } from '../show/customer.dto.js'

const CAMPAIGN_TYPES = [
  'PROMOTION',
  'GIFT_VOUCHERS',
  'REFERRAL_PROGRAM',
  'DISCOUNT_COUPONS',
  'LOYALTY_PROGRAM',
] as const
const CATEGORIES = ['ACTION', 'EFFECT'] as const
const ORDERS = ['created_at', '-created_at'] as const
/** What any list of the original may be sorted by; of activities each comes to the order in which they happened. */
const OLD_ORDERS = ['created_at', 'updated_at', 'type', 'code', 'campaign', 'category'].flatMap((field) => [
  field,
  `-${field}`,
])

const oneOf = (values: readonly string[]): PropertyDecorator =>
  IsIn([...values], { message: `must be equal to one of ${values.join(',')}` })

/** What both lists of a customer's activities can be asked for. */
class CustomerActivitiesQueryBase {
  @PageLimit('activities')
  limit: number = 10

  @ApiPropertyOptional({
    example: 'evcus_0c150c51730c6b60b1',
    description: 'Return what comes behind the activity with this id.',
  })
  @IsOptional()
  @IsString({ message: 'must be string' })
  starting_after_id?: string

  @ApiPropertyOptional({ format: 'date-time', description: 'Leave out what happened before.' })
  @IsOptional()
  @IsDateOrDateTime()
  start_date?: string

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Leave out what happened after; a date includes its whole day (UTC).',
  })
  @IsOptional()
  @IsDateOrDateTime()
  end_date?: string

  @ApiPropertyOptional({
    description: 'Only what has to do with this campaign: nothing, as there are no campaigns here.',
  })
  @IsOptional()
  @IsString({ message: 'must be string' })
  campaign_id?: string

  @ApiPropertyOptional({
    enum: CAMPAIGN_TYPES,
    description: 'Only what has to do with such campaigns: nothing, as there are no campaigns here.',
  })
  @IsOptional()
  @oneOf(CAMPAIGN_TYPES)
  campaign_type?: string
}

/** Query of a customer's activity. */
export class ListCustomerActivityQueryDto extends CustomerActivitiesQueryBase {
  @ApiPropertyOptional({
    enum: ORDERS,
    default: '-created_at',
    description: 'Oldest first, or newest first: in the order in which they happened to the customer.',
  })
  @IsOptional()
  @oneOf(ORDERS)
  order: (typeof ORDERS)[number] = '-created_at'

  @ApiPropertyOptional({
    enum: CATEGORIES,
    description: 'What somebody did, or what followed from it. All there is here was done by somebody.',
  })
  @IsOptional()
  @oneOf(CATEGORIES)
  category?: (typeof CATEGORIES)[number]

  @ApiPropertyOptional({
    example: 'customer.updated',
    description:
      'Only activities of this type. Here there are `customer.created` and `customer.updated`; other types of customers’ events yield nothing.',
  })
  @IsOptional()
  @IsIn([...ACTIVITY_TYPE_NAMES], {
    message: 'must be the type of a customer event, such as customer.updated',
  })
  type?: string
}

/** Query of the older list of a customer's activities. */
export class ListCustomerActivitiesQueryDto extends CustomerActivitiesQueryBase {
  @ApiPropertyOptional({
    enum: OLD_ORDERS,
    default: '-created_at',
    description:
      'Upwards is oldest first, downwards newest first, whatever the field: a creation comes before all changes, and activities have none of the other fields.',
  })
  @IsOptional()
  @oneOf(OLD_ORDERS)
  order: (typeof OLD_ORDERS)[number] = '-created_at'

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Return what comes behind this time, in the order of the list.',
  })
  @IsOptional()
  @IsDateOrDateTime()
  starting_after?: string

  @ApiPropertyOptional({
    description: 'Only what has to do with this product: nothing, as there are no products here.',
  })
  @IsOptional()
  @IsString({ message: 'must be string' })
  product_id?: string
}

/** What an activity happened to. */
export class ActivitySubjectDto {
  @ApiProperty({ type: CustomerDto, description: 'The whole customer as it was then.' })
  customer!: CustomerDto
}

/** Where an activity came from. */
export class ActivitySourceDto {
  @ApiProperty({ enum: ['API'], description: 'Always the API.' })
  channel!: 'API'
}

/** The contents of an activity. */
export class ActivityDataDto {
  @ApiProperty({ type: ActivitySubjectDto, description: 'What it happened to.' })
  data!: ActivitySubjectDto

  @ApiProperty({ type: ActivitySourceDto, description: 'Where it came from.' })
  event_source!: ActivitySourceDto
}

/** Something that happened to a customer. */
export class CustomerActivityDto {
  @ApiProperty({ example: 'evcus_0c150c51730c6b60b1', description: 'Id of the activity; never changes.' })
  id!: string

  @ApiProperty({ enum: ['customer.created', 'customer.updated'], description: 'What happened.' })
  type!: string

  @ApiProperty({ type: ActivityDataDto, description: 'The customer, and where the change came from.' })
  data!: ActivityDataDto

  @ApiProperty({
    format: 'date-time',
    example: '2026-11-23T10:00:00.123456Z',
    description: 'When it happened, to the microsecond.',
  })
  created_at!: string

  @ApiProperty({
    example: 'v-019ab3de8c2412f0a7',
    description: 'Id of the request that caused it; all that one request did has the same.',
  })
  group_id!: string
}

/** A page of a customer's activity. */
export class CustomerActivityListDto {
  @ApiProperty({ enum: ['list'], description: 'What kind of object this is.' })
  object!: 'list'

  @ApiProperty({ enum: ['data'], description: 'Names the property that holds the items.' })
  data_ref!: 'data'

  @ApiProperty({ type: [CustomerActivityDto], description: 'What happened to the customer.' })
  data!: CustomerActivityDto[]

  @ApiProperty({ description: 'Whether there is more behind this page.' })
  has_more!: boolean

  @ApiPropertyOptional({
    example: 'evcus_0c150c51730c6b60b1',
    description: 'The `starting_after_id` of the next page; absent on the last.',
  })
  more_starting_after?: string
}

/** A page of the older list. */
export class CustomerActivitiesListDto extends CustomerActivityListDto {
  @ApiProperty({ example: 2, description: 'How many activities the filters let through, on all pages.' })
  total!: number
}
