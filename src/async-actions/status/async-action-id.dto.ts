import { ApiProperty } from '@nestjs/swagger'

/** The answer to a request whose work goes on in the background. */
export class AsyncActionIdDto {
  @ApiProperty({
    example: 'aa_019ab3de8c2412f0a7',
    description: 'Id of the asynchronous action: `GET /v1/async-actions/{id}` tells how it is going.',
  })
  async_action_id!: string
}
