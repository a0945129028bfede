import { ApiProperty } from '@nestjs/swagger'

const OF_OTHERS = { example: 0, description: 'Always 0: Rollcall keeps none.' }

/** What an erasure erased. */
export class ErasedCountsDto {
  @ApiProperty({
    example: 5,
    description: 'Events that lost the person’s data, those of asynchronous actions included.',
  })
  events!: number

  @ApiProperty({ example: 3, description: 'Those of them that are the customer’s own.' })
  customer_events!: number

  @ApiProperty(OF_OTHERS)
  daily_events!: number

  @ApiProperty(OF_OTHERS)
  segments!: number

  @ApiProperty(OF_OTHERS)
  orders!: number

  @ApiProperty(OF_OTHERS)
  order_events!: number

  @ApiProperty({
    example: 1,
    description:
      'Customers that were erased: the one asked for, and those that had its `source_id` before and were deleted.',
  })
  customer!: number
}

/** The receipt of a permanent deletion. */
export class PermanentDeletionDto {
  @ApiProperty({ example: 'del_7k3buMvBsJuXiLRmdh1WZvZs', description: 'Id of the deletion.' })
  id!: string

  @ApiProperty({ format: 'date-time', description: 'When the customer was erased.' })
  created_at!: string

  @ApiProperty({ example: 'cust_0Ubk2c9hX7pQm4ZsVt8LdR3f', description: 'Our id of the erased customer.' })
  related_object_id!: string

  @ApiProperty({ enum: ['customer'], description: 'What was erased.' })
  related_object!: 'customer'

  @ApiProperty({ enum: ['DONE'], description: 'The erasure is complete when the answer comes.' })
  status!: 'DONE'

  @ApiProperty({ type: ErasedCountsDto, description: 'How much was erased.' })
  data_json!: ErasedCountsDto

  @ApiProperty({
    enum: ['pernament_deletion'],
    description: 'What kind of object this is; spelled as clients expect it.',
  })
  object!: 'pernament_deletion'
}
