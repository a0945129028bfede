import { Injectable, type OnModuleDestroy } from '@nestjs/common'
import { type NextFunction, type Request, type Response } from 'express'
import { setMaxListeners } from 'node:events'
import { RequestError } from '../../kernel/index.js'

declare module 'express-serve-static-core' {
  interface Request {
    /** Aborts, with the error to answer, when the process ends and can wait for the rest of the request no longer. */
    hurry: AbortSignal
  }
}

/** How long requests may still come in once the process was asked to end; it has about 9 s in all. */
const LAST_ORDERS_MS = 4_000

/** Lets the requests of a process that is to end come to theirs: what is there in time is done, the rest is refused. */
@Injectable()
export class Hurry implements OnModuleDestroy {
  private readonly patience = new AbortController()
  private readonly open = new Set<Response>()
  private stopping = false

  constructor() {
    setMaxListeners(0, this.patience.signal)
  }

  /** To be used before anything reads the request. */
  readonly watch = (request: Request, response: Response, next: NextFunction): void => {
    request.hurry = this.patience.signal
    if (this.stopping) closeAfter(response)
    this.open.add(response)
    response.once('close', () => this.open.delete(response))
    next()
  }

  /** A connection that lives on would keep the process from ending. */
  onModuleDestroy(): void {
    this.stopping = true
    for (const response of this.open) closeAfter(response)
    setTimeout(() => {
      this.patience.abort(ending())
    }, LAST_ORDERS_MS).unref()
  }
}

function closeAfter(response: Response): void {
  if (!response.headersSent) response.setHeader('Connection', 'close')
}

const ending = (): RequestError =>
  new RequestError(
    503,
    'service_unavailable',
    'Service unavailable',
    'This server is about to stop; nothing was stored. Send the request again.',
    { headers: { 'Retry-After': '2', Connection: 'close' } },
  )
