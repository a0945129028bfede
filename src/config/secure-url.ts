import { ValidateBy } from 'class-validator'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Whether a text is an https URL without credentials, query and fragment; http only for this very machine. */
export function isSecureUrl(text: unknown): text is string {
  if (typeof text !== 'string' || !URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  const secure = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))
  return secure && username === '' && password === '' && !/[?#\s]/.test(text)
}

/** For settings: what {@link isSecureUrl} takes. */
export const IsSecureUrl = (): PropertyDecorator =>
  ValidateBy({
    name: 'isSecureUrl',
    validator: {
      validate: isSecureUrl,
      defaultMessage: () => 'must be an https:// URL without query (http:// only for this machine)',
    },
  })
