import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger'
import { IsIn, IsOptional, IsString } from 'class-validator'
import { IsDateOrDateTime, PageLimit } from '../../http/index.js'

const TYPES = ['CUSTOMERS.BULK_UPDATE', 'CUSTOMERS.METADATA_UPDATE', 'CUSTOMERS.IMPORT_CSV']
const STATUSES = ['ENQUEUED', 'IN_PROGRESS', 'DONE', 'FAILED']

/** Query of the list of actions. */
export class ListAsyncActionsQueryDto {
  @PageLimit('actions')
  limit: number = 10

  @ApiPropertyOptional({
    format: 'date-time',
    example: '2026-11-23T10:00:00.000Z',
    description:
      'Return only actions scheduled before this date or date-time. The `created_at` of the last action of a page leads to the next.',
  })
  @IsOptional()
  @IsDateOrDateTime()
  end_date?: string

  @ApiPropertyOptional({
    example: 'aa_019ab3de8c2412f0a7',
    description:
      'Extension: return only actions scheduled before the one of this id. The `id` of the last action of a page leads to the next.',
  })
  @IsOptional()
  @IsString({ message: 'must be string' })
  starting_after_id?: string

  @ApiPropertyOptional({ enum: TYPES, description: 'Extension: return only actions of this type.' })
  @IsOptional()
  @IsIn(TYPES, { message: `must be equal to one of ${TYPES.join(',')}` })
  type?: string

  @ApiPropertyOptional({ enum: STATUSES, description: 'Extension: return only actions in this status.' })
  @IsOptional()
  @IsIn(STATUSES, { message: `must be equal to one of ${STATUSES.join(',')}` })
  status?: string

  @ApiPropertyOptional({
    example: 'aa_019ab3de8c2412f0a7',
    description:
      'Extension: return this one action, in the form of `GET /v1/async-actions/{asyncActionId}`, instead of a list.',
  })
  @IsOptional()
  @IsString({ message: 'must be string' })
  async_action_id?: string
}

/** A row that failed. */
export class AsyncActionErrorDto {
  @ApiProperty({ example: 'invalid_customer', description: 'Names the kind of failure for programs.' })
  key!: string

  @ApiProperty({ example: 'Invalid customer', description: 'Names the kind of failure for people.' })
  message!: string

  @ApiProperty({
    example: 'Property .birthdate must be a calendar date (YYYY-MM-DD) or an ISO 8601 date-time',
    description: 'Says which field is wrong, and how.',
  })
  details!: string

  @ApiProperty({ example: 'John.Smith@email.com', description: 'The customer that the row names.' })
  source_id!: string
}

/** What became of an action; present once it has ended. */
export class AsyncActionResultDto {
  @ApiProperty({
    type: 'integer',
    example: 3,
    description: 'Rows that were processed, those that changed nothing included.',
  })
  done_count!: number

  @ApiProperty({ type: 'integer', example: 0, description: 'Rows that failed, each by itself.' })
  failed_count!: number

  @ApiProperty({
    type: [String],
    example: ['http://127.0.0.1:3000/v1/async-actions/aa_019ab3de8c2412f0a7/reports/1?token=…'],
    description: 'Links to the report: a CSV file with one line per row of the request, in its order.',
  })
  reports!: string[]

  @ApiProperty({ format: 'date-time', description: 'Until when the links work.' })
  reports_available_till!: string

  @ApiProperty({
    type: [AsyncActionErrorDto],
    description: 'The first 1,000 failed rows; the report has all.',
  })
  errors!: AsyncActionErrorDto[]
}

/** A line of a CSV file that failed. */
export class FailedImportDto {
  @ApiProperty({
    example: 'John.Smith@email.com',
    description: 'The customer that the line names; empty when it names none by `source_id`.',
  })
  source_id!: string

  @ApiProperty({
    minimum: 1,
    example: 2,
    description:
      'Which line it is, counted from 1; the header and lines without any filled cell do not count.',
  })
  row!: number

  @ApiProperty({
    example: 'Property .birthdate must be a calendar date (YYYY-MM-DD) or an ISO 8601 date-time',
    description: 'Says what is wrong.',
  })
  reason!: string
}

/** What became of a CSV import; present once it has ended. */
export class ImportResultDto {
  @ApiProperty({
    example: '2 customer(s) imported successfully, 1 failed.',
    description: 'The two counts in words.',
  })
  message!: string

  @ApiProperty({ type: [FailedImportDto], description: 'The first 1,000 failed lines; the report has all.' })
  failed!: FailedImportDto[]

  @ApiProperty({ example: 2, description: 'Lines that were processed, those that changed nothing included.' })
  done_count!: number

  @ApiProperty({ example: 1, description: 'Lines that failed, each by itself.' })
  failed_count!: number

  @ApiProperty({
    type: [String],
    example: ['http://127.0.0.1:3000/v1/async-actions/aa_019ab3de8c2412f0a7/reports/1?token=…'],
    description: 'Links to the report: a CSV file with one line per line of the import, in its order.',
  })
  reports!: string[]

  @ApiProperty({ format: 'date-time', description: 'Until when the links work.' })
  reports_available_till!: string
}

/** An asynchronous action as lists show it. */
export class ListedAsyncActionDto {
  @ApiProperty({ example: 'aa_019ab3de8c2412f0a7', description: 'Id of the action.' })
  id!: string

  @ApiProperty({
    enum: TYPES,
    description: 'What kind of request it carries out.',
  })
  type!: string

  @ApiProperty({
    enum: STATUSES,
    description: 'Rows that fail leave it DONE; FAILED means that the system itself could not go on.',
  })
  status!: string

  @ApiProperty({
    enum: ['SUCCESS', 'FAILED', 'UNKNOWN'],
    description: 'UNKNOWN until it ends; then SUCCESS when every row succeeded, otherwise FAILED.',
  })
  operation_status!: string

  @ApiProperty({ format: 'date-time', description: 'When it was scheduled.' })
  created_at!: string

  @ApiProperty({ format: 'date-time', description: 'When it last changed.' })
  updated_at!: string

  @ApiProperty({ example: 'v-019ab3de8c2412f0a7', description: 'Id of the request that scheduled it.' })
  request_id!: string

  @ApiPropertyOptional({
    type: 'integer',
    example: 412,
    description: 'Milliseconds from scheduling to end; absent until it ends.',
  })
  processing_time?: number

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 100,
    description: 'Percent of the rows that are done. Never falls.',
  })
  progress!: number

  @ApiProperty({ enum: ['async_action'], description: 'What kind of object this is.' })
  object!: 'async_action'
}

/** An asynchronous action with its result. */
@ApiExtraModels(AsyncActionResultDto, ImportResultDto)
export class AsyncActionDto extends ListedAsyncActionDto {
  @ApiPropertyOptional({
    oneOf: [{ $ref: getSchemaPath(AsyncActionResultDto) }, { $ref: getSchemaPath(ImportResultDto) }],
    description:
      'Absent until the action ends. A CSV import has a form of its own, all other types share one.',
  })
  result?: AsyncActionResultDto | ImportResultDto
}

/** A page of actions. */
export class AsyncActionListDto {
  @ApiProperty({ enum: ['list'], description: 'What kind of object this is.' })
  object!: 'list'

  @ApiProperty({ enum: ['async_actions'], description: 'Names the property that holds the items.' })
  data_ref!: 'async_actions'

  @ApiProperty({ type: [ListedAsyncActionDto], description: 'Newest first, without results.' })
  async_actions!: ListedAsyncActionDto[]

  @ApiProperty({ description: 'Whether there are older actions.' })
  has_more!: boolean
}
