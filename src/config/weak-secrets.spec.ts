import { loadSettings, SettingsError } from './settings.js'

const LONG = 'k7Qz1-vT9wLm4XpR0_bNcE5sYuHdGf23'
const GOOD = {
  REPORT_SIGNING_KEY: LONG,
  REPORT_SIGNING_KEY_BEFORE: `${LONG}-before`,
  BOOTSTRAP_APP_ID: 'application',
  BOOTSTRAP_APP_TOKEN: LONG,
  DATABASE_URL: 'postgres://rollcall:9fXk2mQv@db/rollcall',
  REDIS_URL: 'rediss://:9fXk2mQv@cache:6379',
}

function refusalOf(env: Record<string, string>): string {
  try {
    loadSettings({ ...GOOD, ...env })
    return ''
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
}

const WEAK: [string, string, string][] = [
  ['REPORT_SIGNING_KEY', 'REPORT_SIGNING_KEY', 'k'.repeat(64)],
  ['REPORT_SIGNING_KEY', 'REPORT_SIGNING_KEY', '0123456'.repeat(9)],
  ['REPORT_SIGNING_KEY_BEFORE', 'REPORT_SIGNING_KEY_BEFORE', 'ab'.repeat(20)],
  ['BOOTSTRAP_APP_TOKEN', 'BOOTSTRAP_APP_TOKEN', 'aaaaaaaaaaaaaaaaaaaa'],
  ['BOOTSTRAP_APP_TOKEN', 'BOOTSTRAP_APP_TOKEN', 'changeme-1234567'],
  ['The password in DATABASE_URL', 'DATABASE_URL', 'postgres://rollcall:postgres@db/rollcall'],
  ['The password in DATABASE_URL', 'DATABASE_URL', 'postgres://rollcall:Password123!@db/rollcall'],
  ['The password in DATABASE_URL', 'DATABASE_URL', 'postgres://rollcall:rollcall@/db?host=/run/postgresql'],
  ['The password in DATABASE_URL', 'DATABASE_URL', 'postgres://rollcall@db/rollcall?password=postgres'],
  ['The password in DATABASE_URL', 'DATABASE_URL', 'postgres://rollcall:%70ostgres@db/rollcall'],
  ['The password in OWNER_DATABASE_URL', 'OWNER_DATABASE_URL', 'postgres://rollcall:rollcall@db/rollcall'],
  ['The password in DATABASE_URL', 'DATABASE_URL', 'postgres://rollcall:short@db/rollcall'],
  ['The password in DATABASE_URL', 'DATABASE_URL', 'postgres://rollcall:12345678@db/rollcall'],
  ['The password in DATABASE_URL', 'DATABASE_URL', 'postgres://rollcall:09876543@db/rollcall'],
  ['The password in DATABASE_URL', 'DATABASE_URL', 'postgres://rollcall:qwertyuiop@db/rollcall'],
  ['The password in DATABASE_URL', 'DATABASE_URL', 'postgres://rollcall:aaaaaaaaaaaa@db/rollcall'],
  ['The password in DATABASE_URL', 'DATABASE_URL', 'postgres://warehouse-1:warehouse-1@db/rollcall'],
  ['The password in REDIS_URL', 'REDIS_URL', 'redis://:change-me-@cache'],
  ['BOOTSTRAP_APP_TOKEN', 'BOOTSTRAP_APP_TOKEN', 'passwordpassword1'],
  ['BOOTSTRAP_APP_TOKEN', 'BOOTSTRAP_APP_TOKEN', '1234567890123456'],
  ['BOOTSTRAP_APP_TOKEN', 'BOOTSTRAP_APP_TOKEN', 'abcdefghijklmnop'],
  ['REPORT_SIGNING_KEY', 'REPORT_SIGNING_KEY', '12345678901234567890123456789012'],
]

describe('With NODE_ENV=production', () => {
  it.each(WEAK)('%s is refused when it is weak: %s=%s', (name, variable, value) => {
    const refusal = refusalOf({ NODE_ENV: 'production', [variable]: value })
    expect(refusal).toBe(
      `Wrong settings:\n- ${name} is too easy to guess for NODE_ENV=production: use a long random text`,
    )
  })

  it('all that are weak are named at once', () => {
    const env = Object.fromEntries(WEAK.map(([, variable, value]) => [variable, value]))
    expect(refusalOf({ NODE_ENV: 'production', ...env }).split('\n- ')).toHaveLength(1 + 6)
  })

  it.each([
    ['long random texts', {}],
    [
      'none, where the server asks for none',
      { DATABASE_URL: 'postgres://db/rollcall', REDIS_URL: 'redis://cache' },
    ],
    ['none that are set', Object.fromEntries(Object.keys(GOOD).map((name) => [name, '']))],
  ])('secrets are taken that are %s', (_, env) => {
    expect(refusalOf({ NODE_ENV: 'production', ...env })).toBe('')
  })
})

describe('Without it', () => {
  it.each(WEAK)('%s may be weak, to try things out: %s=%s', (_, variable, value) => {
    expect(refusalOf({ [variable]: value })).toBe('')
  })
})
