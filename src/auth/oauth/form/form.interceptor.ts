import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common'
import express, { type Request, type Response } from 'express'
import { type Observable } from 'rxjs'
import {
  declaredLength,
  goAhead,
  payloadTooLarge,
  refuseCompressed,
  unsupported,
} from '../../../http/index.js'
import { invalidForm } from '../oauth-error.js'

/** What a form may have, in bytes: the requests here are a few dozen. */
export const MAX_FORM_BYTES = 16_384

const parse = express.urlencoded({
  extended: false,
  limit: MAX_FORM_BYTES,
  inflate: false,
  parameterLimit: 100,
})

/** Reads the form of an OAuth request into `body`, after the guards. Any other body counts as an empty form. */
@Injectable()
export class FormInterceptor implements NestInterceptor {
  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp()
    const request = http.getRequest<Request>()
    request.body = parametersOf(await readForm(request, http.getResponse<Response>()))
    return next.handle()
  }
}

/** What is refused by its head is refused before a client that waits is told to send it. */
function readForm(request: Request, response: Response): Promise<object> {
  refuseCompressed(request)
  if ((declaredLength(request) ?? 0) > MAX_FORM_BYTES) throw payloadTooLarge(MAX_FORM_BYTES)
  goAhead(request)
  return new Promise((resolve, reject) => {
    parse(request, response, (error?: unknown) => {
      if (error === undefined) resolve((request.body ?? {}) as object)
      else reject(refusal(error))
    })
  })
}

/** RFC 6749 §3.2: an empty parameter is an omitted one, and none may come twice. */
function parametersOf(form: object): Record<string, string> {
  const given = Object.entries(form).filter(([, value]) => value !== '')
  const repeated = given.find(([, value]) => typeof value !== 'string')
  if (repeated) throw invalidForm(`Parameter ${repeated[0]} must be sent once.`)
  return Object.fromEntries(given as [string, string][])
}

/** Express' parser names what it refuses by a type and a status. */
function refusal(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  if (!('type' in error) || !('status' in error)) return error
  if (error.type === 'entity.too.large') return payloadTooLarge(MAX_FORM_BYTES)
  if (error.status === 415) return unsupported('Send the form in UTF-8, uncompressed.')
  return invalidForm('The form cannot be read.')
}
