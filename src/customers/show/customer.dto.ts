import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { CustomerAttributesDto } from './customer-attributes.dto.js'

/** A customer. */
export class CustomerDto extends CustomerAttributesDto {
  @ApiProperty({ example: 'cust_0Ubk2c9hX7pQm4ZsVt8LdR3f', description: 'Our id of the customer.' })
  id!: string

  @ApiPropertyOptional({
    example: 'John.Smith@email.com',
    description: 'Your id of the customer, if it has one.',
  })
  source_id?: string

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Redemptions and orders: always zero.',
  })
  summary!: object

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'Loyalty points: always zero.' })
  loyalty!: object

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'Referrals: always zero.' })
  referrals!: object

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
