import { RequestError } from '../../kernel/index.js'

/** The codes of RFC 6749 §5.2 that apply here. */
export type OAuthErrorCode = 'invalid_client' | 'invalid_request' | 'invalid_scope' | 'unsupported_grant_type'

/** An error in the API's own shape that carries the fields of RFC 6749, too, which OAuth libraries read. */
export function oauthError(
  code: OAuthErrorCode,
  status: number,
  key: string,
  message: string,
  { details, headers = {} }: { details?: string; headers?: Record<string, string> } = {},
): RequestError {
  const fields = { error: code, error_description: printable(details ?? message) }
  return new RequestError(status, key, message, details, { fields, headers })
}

/** A parameter is not there, or empty. */
export const missingParameters = (details: string): RequestError =>
  oauthError('invalid_request', 400, 'missing_parameters', 'Missing parameters', { details })

/** The form itself is wrong. */
export const invalidForm = (details: string): RequestError =>
  oauthError('invalid_request', 400, 'invalid_payload', 'Invalid payload', { details })

/** RFC 6749 allows an `error_description` no other characters. */
const printable = (text: string): string => text.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?')
