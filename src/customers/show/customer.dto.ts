import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { AddressDto } from './customer-attributes.dto.js'
import { LoyaltyDto, ReferralsDto, SummaryDto } from './customer-figures.dto.js'

/** A customer. Attributes that were never set, or were cleared, are absent; `address` is then null. */
export class CustomerDto {
  @ApiProperty({ example: 'cust_0Ubk2c9hX7pQm4ZsVt8LdR3f', description: 'Our id of the customer.' })
  id!: string

  @ApiPropertyOptional({
    example: 'John.Smith@email.com',
    description: 'Your id of the customer, if it has one.',
  })
  source_id?: string

  @ApiPropertyOptional({ example: 'John Smith', description: 'Full name.' })
  name?: string

  @ApiPropertyOptional({ example: 'A frequent customer', description: 'Anything worth noting.' })
  description?: string

  @ApiPropertyOptional({ example: 'john.smith@email.com', description: 'E-mail address, as it was sent.' })
  email?: string

  @ApiPropertyOptional({ example: '+1 (132) 222-2222', description: 'Phone number, as it was sent.' })
  phone?: string

  @ApiPropertyOptional({
    format: 'date',
    deprecated: true,
    example: '2022-04-04',
    description: 'Date of birth in its old field, independent of `birthdate`.',
  })
  birthday?: string

  @ApiPropertyOptional({ format: 'date', example: '2022-02-02', description: 'Date of birth.' })
  birthdate?: string

  @ApiProperty({
    type: AddressDto,
    nullable: true,
    description: 'The parts that were ever set; null when there are none.',
  })
  address!: AddressDto | null

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { lang: 'en', test: true },
    description: 'Your own data.',
  })
  metadata?: Record<string, unknown>

  @ApiProperty({ type: SummaryDto, description: 'Redemptions and orders: always zero.' })
  summary!: SummaryDto

  @ApiProperty({ type: LoyaltyDto, description: 'Loyalty points: always zero.' })
  loyalty!: LoyaltyDto

  @ApiProperty({ type: ReferralsDto, description: 'Referrals: always zero.' })
  referrals!: ReferralsDto

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'Always empty.' })
  system_metadata!: object

  @ApiProperty({
    format: 'date-time',
    example: '2026-11-23T10:00:00.123456Z',
    description: 'When the customer was created, to the microsecond; no two customers of a project share it.',
  })
  created_at!: string

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'When it last changed; absent until the first change.',
  })
  updated_at?: string

  @ApiProperty({ enum: ['customer'], description: 'What kind of object this is.' })
  object!: 'customer'
}
