import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Logger,
  NotFoundException,
} from '@nestjs/common'
import { type Request, type Response } from 'express'
import { STATUS_CODES } from 'node:http'
import { forLog, forLogWithPlace, isContention, isOutage, isUnmigrated } from '../database/index.js'
import { VersionConflictError } from '../event-store/index.js'
import { RequestError, seldom } from '../kernel/index.js'
import { RegisteredRoutes } from './registered-routes.js'

const SILENCE_MS = 60_000

/** Gives every error the one shape of the contract, and tells nothing of the inside. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorFilter.name)

  private readonly countRefused = seldom(SILENCE_MS, (times) => {
    this.logger.warn(
      `${times} request(s) were answered 401 since the last such line: somebody may be guessing.`,
    )
  })

  constructor(private readonly routes: RegisteredRoutes) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>()
    const response = host.switchToHttp().getResponse<Response>()
    if (response.headersSent) {
      // A download that breaks off half-way must not look complete; that the client left is no fault of ours.
      if (!request.destroyed) this.logger.warn(`${request.requestId} broke off: ${forLog(thrown)}`)
      response.destroy()
      return
    }
    const error = this.toRequestError(thrown, request)
    if (error.status === 401) this.countRefused()
    response
      .set(error.extra.headers ?? {})
      .status(error.status)
      .json(toBody(error, request))
  }

  private toRequestError(thrown: unknown, request: Request): RequestError {
    if (thrown instanceof RequestError) return thrown
    // Nest throws it when no route took the request; our own code throws a RequestError.
    if (thrown instanceof NotFoundException) return this.routes.refusalOf(request)
    if (thrown instanceof HttpException)
      return new RequestError(thrown.getStatus(), undefined, thrown.message)
    if (isPassing(thrown)) {
      this.logger.warn(`${request.requestId} answered 503: ${forLog(thrown)}`)
      return unavailable()
    }
    const refused = refusedByExpress(thrown)
    if (refused) return refused
    this.logger.error(`${request.requestId} failed`, forLogWithPlace(thrown))
    return new RequestError(
      500,
      'internal_error',
      'Internal error',
      'The request failed on our side; it may be repeated.',
    )
  }
}

/** The same request may succeed soon: also once somebody has migrated the database. */
const isPassing = (thrown: unknown): boolean =>
  isOutage(thrown) || isContention(thrown) || isUnmigrated(thrown) || thrown instanceof VersionConflictError

const unavailable = (): RequestError =>
  new RequestError(
    503,
    'service_unavailable',
    'Service unavailable',
    'The database is away or overloaded; try again shortly.',
    {
      headers: { 'Retry-After': '2' },
    },
  )

/** What serves the files of Swagger UI throws errors with a status: 416 for a range that a file does not have. */
function refusedByExpress(thrown: unknown): RequestError | undefined {
  if (!(thrown instanceof Error) || !('status' in thrown)) return undefined
  const { status } = thrown
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined
  return new RequestError(status, 'invalid_request', 'Invalid request', STATUS_CODES[status])
}

function toBody(error: RequestError, request: Request): object {
  if (error.status === 413) {
    return { statusCode: 413, error: 'Request Entity Too Large', message: error.message }
  }
  const { resourceId, resourceType, fields } = error.extra
  return {
    code: error.status,
    ...(error.key !== undefined && { key: error.key }),
    message: error.message,
    ...(error.details !== undefined && { details: error.details }),
    request_id: request.requestId,
    ...(resourceId !== undefined && { resource_id: resourceId, resource_type: resourceType }),
    ...fields,
  }
}
