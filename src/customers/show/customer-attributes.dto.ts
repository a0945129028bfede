import { ApiPropertyOptional } from '@nestjs/swagger'

/** Where a customer lives. */
export class AddressDto {
  @ApiPropertyOptional({ type: String, nullable: true, example: 'New York', description: 'City.' })
  city?: string | null

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'NY',
    description: 'State, province or region.',
  })
  state?: string | null

  @ApiPropertyOptional({ type: String, nullable: true, example: '123 Main St.', description: 'First line.' })
  line_1?: string | null

  @ApiPropertyOptional({ type: String, nullable: true, example: 'APT 3 BLG 4', description: 'Second line.' })
  line_2?: string | null

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'United States',
    description: 'Country, free text.',
  })
  country?: string | null

  @ApiPropertyOptional({ type: String, nullable: true, example: '10001', description: 'Postal code.' })
  postal_code?: string | null
}

const cleared = 'Null clears it, leaving it out keeps it.'

/** What can be said of a customer. */
export class CustomerAttributesDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'John Smith',
    description: `Full name. ${cleared}`,
  })
  name?: string | null

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'Updating customer data',
    description: `Anything worth noting. ${cleared}`,
  })
  description?: string | null

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'john.smith@email.com',
    description: `E-mail address; its form is not checked. ${cleared}`,
  })
  email?: string | null

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '+1 (132) 222-2222',
    description: `Phone number, free text. ${cleared}`,
  })
  phone?: string | null

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    format: 'date',
    deprecated: true,
    example: '2022-04-04',
    description: `Use \`birthdate\`; both are kept independently. ${cleared}`,
  })
  birthday?: string | null

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    format: 'date',
    example: '2022-02-02',
    description: `Date of birth, YYYY-MM-DD; of a date-time the date is kept. ${cleared}`,
  })
  birthdate?: string | null

  @ApiPropertyOptional({
    type: AddressDto,
    nullable: true,
    description:
      'Merged key by key into the address that is there. Null clears the whole address; a key with null stays visible as null.',
  })
  address?: AddressDto | null

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { lang: 'en', test: true },
    description:
      'Your own data, any JSON. Merged by top-level key; deeper values are replaced. Null clears all of it; a key with null stays visible as null.',
  })
  metadata?: Record<string, unknown> | null
}
