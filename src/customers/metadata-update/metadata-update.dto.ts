import { ApiProperty } from '@nestjs/swagger'
import { type JsonObject } from '../../kernel/index.js'

/** The same metadata for many customers. */
export class MetadataUpdateDto {
  @ApiProperty({
    type: [String],
    minItems: 1,
    description:
      'Your ids of the customers, compared exactly. An unknown one makes a new customer. One that comes twice is updated twice.',
  })
  source_ids!: string[]

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description:
      'Merged key by key into the metadata of each of these customers. A key set to null stays visible with null.',
  })
  metadata!: JsonObject
}

export const METADATA_UPDATE_EXAMPLE: MetadataUpdateDto = {
  source_ids: ['John.Smith@email.com', 'Jane.Smith@email.com'],
  metadata: { lang: 'en', newsletter: true },
}
