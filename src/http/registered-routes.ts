import { Injectable } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import { type Application, type NextFunction, type Request, type Response } from 'express'
import { RequestError } from '../kernel/index.js'

/** What Express keeps of everything that was registered with it; middleware has no route. */
interface Layer {
  match(path: string): unknown
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> }
}

/** Knows which methods a path has, by asking the router itself: there is no second list to keep. */
@Injectable()
export class RegisteredRoutes {
  constructor(private readonly adapter: HttpAdapterHost) {}

  /** The methods that routes were registered for at this path, such as `['GET', 'POST']`; none if it is unknown. */
  methodsAt(path: string): string[] {
    const { router } = this.adapter.httpAdapter.getInstance<Application>()
    const methods = (router.stack as unknown as Layer[]).flatMap((layer) =>
      layer.route !== undefined && layer.match(path) ? Object.keys(layer.route.methods) : [],
    )
    return [...new Set(methods.map((method) => method.toUpperCase()))].sort()
  }

  /** Why no route took a request: 405 if its path has other methods, otherwise 404. */
  refusalOf({ method, path }: Request): RequestError {
    const methods = this.methodsAt(path)
    // A route that took the request may find nothing there: it has the method.
    if (methods.length === 0 || methods.includes(method === 'HEAD' ? 'GET' : method))
      return new RequestError(404, 'not_found', 'Resource not found', `Cannot ${method} ${path}`)
    return new RequestError(
      405,
      'method_not_allowed',
      'HTTP Method Not Allowed',
      `${method} is not supported by this endpoint. Did you mean ${anyOf(methods)}?`,
      { headers: { Allow: allowing(methods) } },
    )
  }

  /** Middleware that answers `OPTIONS` with the methods of the path; `preflights` leaves those of CORS to what follows. */
  answerOptions({ preflights }: { preflights: boolean }) {
    return (request: Request, response: Response, next: NextFunction): void => {
      const methods = request.method === 'OPTIONS' ? this.methodsAt(request.path) : []
      if (methods.length > 0) response.set('Allow', allowing(methods))
      const isPreflight = preflights && request.headers['access-control-request-method'] !== undefined
      if (methods.length === 0 || isPreflight) next()
      else response.status(204).end()
    }
  }
}

/** Express answers HEAD wherever there is GET, and this class OPTIONS. */
const allowing = (methods: string[]): string =>
  [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')

const anyOf = (methods: string[]): string =>
  new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(methods)
