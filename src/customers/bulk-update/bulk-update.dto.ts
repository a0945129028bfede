import { ApiProperty } from '@nestjs/swagger'
import { CustomerAttributesDto } from '../show/customer-attributes.dto.js'

/** One row of a bulk update. */
export class BulkUpdateItemDto extends CustomerAttributesDto {
  @ApiProperty({
    minLength: 1,
    maxLength: 255,
    example: 'John.Smith@email.com',
    description: 'Your id of the customer, compared exactly. An unknown one makes a new customer.',
  })
  source_id!: string
}

/** Rows that show most of what a row can hold. */
export const BULK_UPDATE_EXAMPLE: BulkUpdateItemDto[] = [
  {
    source_id: 'John.Smith@email.com',
    name: 'John Smith',
    email: 'john.smith@email.com',
    description: 'Updating customer data',
    phone: '+1 (132) 222-2222',
    address: {
      city: 'New York',
      country: 'United States',
      line_1: '123 Main St.',
      line_2: 'APT 3 BLG 4',
      postal_code: '10001',
      state: 'NY',
    },
    metadata: { lang: 'en', test: true },
    birthday: '2022-04-04',
  },
  {
    source_id: 'Jane.Smith@email.com',
    name: 'Jane Smith',
    email: 'Jane.Smith@email.com',
    metadata: { lang: 'en', test: true },
    birthday: '2022-03-03',
  },
  {
    source_id: 'Sally.Smith@email.com',
    name: 'Sally Smith',
    email: 'Sally.Smith@email.com',
    metadata: { lang: 'en', test: true },
    birthdate: '2022-02-02',
  },
]
