import { type Settings } from './settings.js'

/** A key or token is guessed by trying so few characters, a password by trying even fewer. */
const FEWEST_DIFFERENT = { token: 8, password: 5 }
const SHORTEST_PASSWORD = 8
/** Once or several times, and with a few digits or signs behind. */
const GUESSED_FIRST =
  /^(admin|changeit|change-?me|default|example|guest|letmein|pass(word)?|postgres|qwerty|redis|rollcall|root|secret|test|welcome)+[-_!.\d]*$/i
const KEYBOARD = 'qwertyuiopasdfghjklzxcvbnm'

export const TOO_WEAK = 'is too easy to guess for NODE_ENV=production: use a long random text'

/**
 * What is wrong with the secrets that are set, one line each. Those that are not set are random ones, or another way of
 * logging in; whether a server asks for a password is the business of who runs it. What is looked for is what is tried
 * first: a secret that passes need not be a strong one.
 */
export function weakSecrets(settings: Settings): string[] {
  const { reportSigningKey, reportSigningKeyBefore, bootstrapAppToken } = settings
  const { databaseUrl, ownerDatabaseUrl, redisUrl } = settings
  const weak: [string, boolean][] = [
    ['REPORT_SIGNING_KEY', isWeakToken(reportSigningKey)],
    ['REPORT_SIGNING_KEY_BEFORE', isWeakToken(reportSigningKeyBefore)],
    ['BOOTSTRAP_APP_TOKEN', isWeakToken(bootstrapAppToken)],
    ['The password in DATABASE_URL', isWeakPasswordIn(databaseUrl)],
    ['The password in OWNER_DATABASE_URL', isWeakPasswordIn(ownerDatabaseUrl)],
    ['The password in REDIS_URL', isWeakPasswordIn(redisUrl)],
  ]
  return weak.flatMap(([name, isWeak]) => (isWeak ? [`${name} ${TOO_WEAK}`] : []))
}

/** Whether a key or token that somebody chose is one of the first to be tried. */
export const isWeakToken = (token: string | undefined): boolean =>
  token !== undefined && (isMonotonous(token, FEWEST_DIFFERENT.token) || isGuessedFirst(token))

function isWeakPasswordIn(url: string | undefined): boolean {
  const { user, password } = loginIn(url)
  if (!password) return false
  const isShort = password.length < SHORTEST_PASSWORD || isMonotonous(password, FEWEST_DIFFERENT.password)
  return isShort || password === user || isGuessedFirst(password)
}

const isMonotonous = (secret: string, fewest: number): boolean => new Set(secret).size < fewest

const isGuessedFirst = (secret: string): boolean =>
  GUESSED_FIRST.test(secret) || isRun(secret) || KEYBOARD.includes(secret.toLowerCase())

/** 12345678901234, abcdefgh, 87654321: each character follows the one before it, and 0 follows 9. */
function isRun(secret: string): boolean {
  const steps = new Set(Array.from(secret.slice(1), (_, index) => stepAt(secret, index)))
  return steps.size === 1 && (steps.has(1) || steps.has(-1))
}

function stepAt(secret: string, index: number): number {
  const pair = secret.slice(index, index + 2)
  if (pair === '90') return 1
  return pair === '09' ? -1 : secret.charCodeAt(index + 1) - secret.charCodeAt(index)
}

/** Empty when there is none, or none that can be read. */
function loginIn(url = ''): { user?: string; password?: string } {
  if (!URL.canParse(url)) {
    const [, user, password] = /([^:@/]*):([^:@/]*)@/.exec(url) ?? []
    return { user: decoded(user), password: decoded(password) }
  }
  const { username, password, searchParams } = new URL(url)
  // PostgreSQL's driver takes them from the query too.
  return {
    user: decoded(username || searchParams.get('user')),
    password: decoded(password || searchParams.get('password')),
  }
}

function decoded(text: string | null | undefined): string {
  try {
    return decodeURIComponent(text ?? '')
  } catch {
    return text ?? '' // a stray percent sign: it is what it says
  }
}
