import { type Settings } from './settings.js'

/** A secret that is guessed by trying so few characters, or by trying these words first. */
const FEWEST_DIFFERENT = 8
const SHORTEST_PASSWORD = 8
const GUESSED_FIRST =
  /^(admin|changeit|change-?me|default|example|guest|letmein|pass(word)?|postgres|qwerty|redis|rollcall|root|secret|test|welcome)[-_!.\d]*$/i

export const TOO_WEAK = 'is too easy to guess for NODE_ENV=production: use a long random text'

/**
 * What is wrong with the secrets that are set, one line each. Those that are not set are random ones, or another way of
 * logging in; whether a server asks for a password is the business of who runs it.
 */
export function weakSecrets(settings: Settings): string[] {
  const { reportSigningKey, reportSigningKeyBefore, bootstrapAppToken } = settings
  const { databaseUrl, ownerDatabaseUrl, redisUrl } = settings
  const weak: [string, boolean][] = [
    ['REPORT_SIGNING_KEY', isMonotonous(reportSigningKey)],
    ['REPORT_SIGNING_KEY_BEFORE', isMonotonous(reportSigningKeyBefore)],
    ['BOOTSTRAP_APP_TOKEN', isWeakToken(bootstrapAppToken)],
    ['The password in DATABASE_URL', isGuessed(passwordOf(databaseUrl))],
    ['The password in OWNER_DATABASE_URL', isGuessed(passwordOf(ownerDatabaseUrl))],
    ['The password in REDIS_URL', isGuessed(passwordOf(redisUrl))],
  ]
  return weak.flatMap(([name, isWeak]) => (isWeak ? [`${name} ${TOO_WEAK}`] : []))
}

/** Whether a token that somebody chose is one of the first to be tried. */
export const isWeakToken = (token: string | undefined): boolean => isMonotonous(token) || isGuessed(token)

const isMonotonous = (secret: string | undefined): boolean =>
  secret !== undefined && new Set(secret).size < FEWEST_DIFFERENT

const isGuessed = (secret: string | undefined): boolean =>
  secret !== undefined && (secret.length < SHORTEST_PASSWORD || GUESSED_FIRST.test(secret))

/** Undefined when there is none, or none that can be read. */
function passwordOf(url: string | undefined): string | undefined {
  if (url === undefined) return undefined
  const password = URL.canParse(url) ? passwordIn(new URL(url)) : /:([^:@/]*)@/.exec(url)?.[1]
  return password ? decoded(password) : undefined
}

/** PostgreSQL's driver takes it from the query too. */
const passwordIn = ({ password, searchParams }: URL): string | null =>
  password === '' ? searchParams.get('password') : password

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a stray percent sign: it is what it says
  }
}
