import { ApiPropertyOptional } from '@nestjs/swagger'
import { CustomerAttributesDto } from '../show/customer-attributes.dto.js'

/** A customer to be created, or changed when there is one with the `id` or `source_id`. */
export class CreateCustomerDto extends CustomerAttributesDto {
  @ApiPropertyOptional({
    example: 'cust_0Ubk2c9hX7pQm4ZsVt8LdR3f',
    description: 'Our id of a customer to change; an unknown one is answered 404. Goes before `source_id`.',
  })
  id?: string

  @ApiPropertyOptional({
    minLength: 1,
    maxLength: 255,
    example: 'source_123',
    description: 'Your id of the customer. Without it, and without `id`, each request makes a new customer.',
  })
  source_id?: string
}

/** What a new customer may look like. */
export const CREATE_CUSTOMER_EXAMPLE: CreateCustomerDto = {
  source_id: 'source_123',
  name: 'Bob Smith',
  email: 'bob.smith@email.com',
  phone: '+1 933 222 3333',
  birthdate: '2002-01-01',
  address: { city: 'New York', country: 'United States', postal_code: '10001' },
  metadata: { lang: 'en', test: true },
}
