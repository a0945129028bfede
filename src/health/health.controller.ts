import { Controller, Get, HttpCode } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Public } from '../auth/index.js'
import { Database, isUnmigrated } from '../database/index.js'
import { ApiErrors } from '../http/index.js'
import { RequestError } from '../kernel/index.js'

@ApiTags('Health')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly database: Database) {}

  @Get('live')
  @HttpCode(200)
  @ApiOperation({ operationId: 'live', summary: 'Whether this process runs' })
  @ApiOkResponse({ description: 'It does.', schema: { example: { status: 'ok' } } })
  @ApiErrors()
  live(): { status: 'ok' } {
    return { status: 'ok' }
  }

  /** Redis is not asked: without it everything works, and PostgreSQL wakes the workers. */
  @Get('ready')
  @HttpCode(200)
  @ApiOperation({ operationId: 'ready', summary: 'Whether requests will succeed' })
  @ApiOkResponse({
    description: 'The database answers and has its schema.',
    schema: { example: { status: 'ok' } },
  })
  @ApiErrors()
  async ready(): Promise<{ status: 'ok' }> {
    try {
      await this.database.acrossProjects((session) => session.rows('SELECT FROM installation'))
    } catch (error) {
      throw isUnmigrated(error) ? notMigrated() : error
    }
    return { status: 'ok' }
  }
}

const notMigrated = (): RequestError =>
  new RequestError(
    503,
    'service_unavailable',
    'Service unavailable',
    'The database has no schema yet: migrate it with `npm run -s rollcall -- migrate`.',
  )
