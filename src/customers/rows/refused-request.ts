import { RequestError, type RowFailure } from '../../kernel/index.js'
import { RowRefusal } from '../domain/row-refusal.js'

/** A request about one customer is answered with what a report says of a row among many. */
export const refusedRequest = ({ key, message, details }: RowFailure): RequestError =>
  new RequestError(400, key, message, details)

/** Reads what a request says of one customer; throws the 400 that it deserves. */
export function readOrRefuse<T>(read: () => T): T {
  try {
    return read()
  } catch (refusal) {
    throw refusal instanceof RowRefusal ? refusedRequest(refusal.failure) : refusal
  }
}
