import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsIn, IsOptional, IsString } from 'class-validator'

/** Query of a report link. */
export class ReportDownloadDto {
  @ApiProperty({ description: 'Signature of the link.' })
  @IsOptional()
  @IsString({ message: 'must be string' })
  token: string = ''

  @ApiPropertyOptional({
    enum: ['1'],
    description:
      'With `1` every cell that a spreadsheet would take for a formula begins with an apostrophe, the `source_id` too; without it the `source_id` is exact.',
  })
  @IsOptional()
  @IsIn(['1'], { message: 'must be 1' })
  safe?: string
}
