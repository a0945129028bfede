import { type Settings } from '../config/index.js'

/** The address of the settings cannot be listened on. The message says what to change, and needs no stack. */
export class ListenError extends Error {
  constructor(
    message: string,
    /** False when the settings themselves are wrong. */
    readonly isPortInUse: boolean,
  ) {
    super(message)
  }
}

const REASONS: Record<string, string> = {
  EADDRNOTAVAIL: 'it is not an address of this machine',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'the name cannot be looked up',
  EAFNOSUPPORT: 'this machine does not speak that kind of address',
}

/** What to say of an error that came from listening. */
export function toListenError(error: unknown, { host, port }: Pick<Settings, 'host' | 'port'>): ListenError {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return new ListenError(`PORT=${port} is in use on HOST=${host}. Set PORT to a free one.`, true)
  if (code === 'EACCES')
    return new ListenError(
      `Cannot listen on PORT=${port}: permission denied. Set PORT to one from 1024 up.`,
      false,
    )
  const reason = REASONS[code] ?? message
  return new ListenError(
    `Cannot listen on HOST=${host}: ${reason}. Set HOST to an address of this machine.`,
    false,
  )
}
