import { ApiPropertyOptional } from '@nestjs/swagger'

/** Query of a report link. */
export class ReportDownloadDto {
  token?: string

  @ApiPropertyOptional({
    enum: ['1'],
    description:
      'With `1` every cell that a spreadsheet would take for a formula begins with an apostrophe, the `source_id` too; without it the `source_id` is exact.',
  })
  safe?: string
}
