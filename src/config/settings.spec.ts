import { loadSettings, SETTING_NAMES, Settings, SettingsError, variableOf } from './settings.js'

/** The message that lists what is wrong. */
function problemsOf(env: NodeJS.ProcessEnv): string {
  try {
    loadSettings(env)
    return ''
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError)
    return (error as SettingsError).message
  }
}

const ID = 'an-application'
const TOKEN = 'a-secret-of-16-at-least'

describe('The settings', () => {
  it('have defaults that need nothing to be set', () => {
    expect(loadSettings({})).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      dataDir: '.data',
      role: 'all',
      workerCount: 1,
      lanesPerWorker: 2,
      maxOpenActions: 1_000,
      maxStoredBytes: 2_147_483_648,
      uploadMemoryBytes: 31_457_280,
      maxSourceIdLength: 255,
      maxStringLength: 2_000,
      reportRetentionDays: 90,
      nodeEnv: 'development',
    })
  })

  it('leave open what has no default', () => {
    const { databaseUrl, redisUrl, publicUrl, reportSigningKey, bootstrapAppId, corsOrigins } = loadSettings(
      {},
    )
    expect([databaseUrl, redisUrl, publicUrl, reportSigningKey, bootstrapAppId, corsOrigins]).toEqual(
      Array(6).fill(undefined),
    )
  })

  it('are read from their variables', () => {
    const settings = loadSettings({
      PORT: '0',
      DATABASE_URL: 'postgresql://u:p@db:5432/rollcall?sslmode=require',
      REDIS_URL: 'rediss://cache:6380/1',
      ROLE: 'worker',
      PUBLIC_URL: 'http://localhost:3000/base',
      LANES_PER_WORKER: '64',
      REPORT_SIGNING_KEY: 'k'.repeat(32),
      BOOTSTRAP_APP_ID: ID,
      BOOTSTRAP_APP_TOKEN: TOKEN,
      CORS_ORIGINS: 'https://app.example.com, http://localhost:8080',
      UNRELATED: 'x',
    })
    expect(settings).toBeInstanceOf(Settings)
    expect(settings).toMatchObject({
      port: 0,
      databaseUrl: 'postgresql://u:p@db:5432/rollcall?sslmode=require',
      redisUrl: 'rediss://cache:6380/1',
      role: 'worker',
      publicUrl: 'http://localhost:3000/base',
      lanesPerWorker: 64,
      reportSigningKey: 'k'.repeat(32),
      bootstrapAppId: ID,
      bootstrapAppToken: TOKEN,
      corsOrigins: 'https://app.example.com, http://localhost:8080',
    })
    expect(settings).not.toHaveProperty('unrelated')
  })

  it('count as not set when their variable is empty', () => {
    const empty = Object.fromEntries(SETTING_NAMES.map((name) => [variableOf(name), '']))
    expect(loadSettings(empty)).toEqual(loadSettings({}))
  })

  it.each([
    ['PORT', ['-1', '65536', '80.5', 'http', '3000x', 'NaN', 'Infinity']],
    [
      'HOST',
      [
        '256.0.0.1',
        '1.2.3',
        '[::1]',
        'a host',
        'http://localhost',
        'localhost:3000',
        '-x',
        '*',
        'fe80::1%eth0',
      ],
    ],
    ['DATABASE_URL', ['mysql://db', 'localhost:5432', 'x postgres://db']],
    ['REDIS_URL', ['http://cache', 'localhost:6379']],
    ['ROLE', ['both', 'API', 'api,worker']],
    [
      'PUBLIC_URL',
      [
        ...['rollcall.example.com', 'ftp://rollcall.example.com', 'https://', '/v1'],
        ...['https://x.example.com/?a=1', 'https://x.example.com/#a', 'https://u:p@x.example.com'],
      ],
    ],
    ['WORKER_COUNT', ['0', '65', 'two', '1.5']],
    ['LANES_PER_WORKER', ['0', '65']],
    ['LANE_LEASE_MS', ['499', '600001', '30s']],
    ['POLL_INTERVAL_MS', ['49', '60001']],
    ['CHUNK_BYTES', ['1023', '10485761']],
    ['MAX_OPEN_ACTIONS', ['0', '1000001']],
    ['MAX_STORED_BYTES', ['0', '10485759', '1099511627777', '2G']],
    ['UPLOAD_MEMORY_BYTES', ['0', '10485759', '1073741825']],
    ['RATE_LIMIT_PER_MINUTE', ['0', '-1', '1.5', 'many', '1000000001']],
    ['BULK_RATE_LIMIT_PER_HOUR', ['0', '-1', '1.5', 'few', '1000000001']],
    ['MAX_SOURCE_ID_LENGTH', ['0', '601']],
    ['MAX_STRING_LENGTH', ['0', '1000001']],
    ['REPORT_RETENTION_DAYS', ['0', '36501', '-90']],
    ['REPORT_SIGNING_KEY', ['k'.repeat(31)]],
    [
      'OAUTH_ISSUER',
      [
        'login.example.com',
        'http://login.example.com',
        'https://login.example.com/?a=b',
        'https://login.example.com#x',
        'https://user:secret@login.example.com',
        'ftp://127.0.0.1',
        'http://127.0.0.1.example.com',
        'http://not-localhost:9000',
        'https://user@login.example.com',
        'https://:secret@login.example.com',
      ],
    ],
    ['OAUTH_JWKS_URI', ['http://login.example.com/jwks', '/jwks', 'https://']],
    [
      'CORS_ORIGINS',
      ['*', 'app.example.com', 'https://a.example.com;https://b.example.com', 'https://a.example.com/path'],
    ],
    ['LOG_LEVEL', ['loud', 'LOG']],
  ])('refuse a wrong %s and name it by its variable alone', (variable, values) => {
    for (const value of values)
      expect(problemsOf({ [variable]: value })).toMatch(new RegExp(`^- ${variable} must `, 'm'))
  })

  it.each(['0.0.0.0', '::', '::1', 'localhost', 'my_host', 'node-1.internal'])('take the HOST %s', (host) => {
    expect(loadSettings({ HOST: host }).host).toBe(host)
  })

  it.each([
    ['BOOTSTRAP_APP_ID', ['short', 'with a space', 'ünïcödé', 'x'.repeat(129)]],
    ['BOOTSTRAP_APP_TOKEN', ['too-short', 'has a space in its middle', 'x'.repeat(257)]],
  ])('refuse a wrong %s and name it', (variable, values) => {
    for (const value of values) {
      const problems = problemsOf({ BOOTSTRAP_APP_ID: ID, BOOTSTRAP_APP_TOKEN: TOKEN, [variable]: value })
      expect(problems).toMatch(new RegExp(`^- ${variable} must `, 'm'))
      expect(problems).not.toContain('together')
    }
  })

  it('refuse one half of the bootstrap credentials', () => {
    const together = 'BOOTSTRAP_APP_ID and BOOTSTRAP_APP_TOKEN must be set together'
    expect(problemsOf({ BOOTSTRAP_APP_ID: ID })).toContain(together)
    expect(problemsOf({ BOOTSTRAP_APP_TOKEN: TOKEN })).toContain(together)
    expect(problemsOf({ BOOTSTRAP_APP_ID: ID, BOOTSTRAP_APP_TOKEN: '' })).toContain(together)
    expect(problemsOf({ BOOTSTRAP_APP_ID: ID, BOOTSTRAP_APP_TOKEN: TOKEN })).toBe('')
  })

  it('take an outside issuer over https, and over http on this machine alone', () => {
    for (const issuer of [
      'https://login.example.com',
      'https://login.example.com/realms/one/',
      'http://localhost:9000',
      'http://127.0.0.1:9000/tenant',
      'http://127.10.200.3:9000',
      'http://[::1]:9000',
    ]) {
      const settings = loadSettings({ OAUTH_ISSUER: issuer, OAUTH_AUDIENCE: 'rollcall' })
      // Exactly as it was given: tokens name it letter by letter.
      expect(settings).toMatchObject({ oauthIssuer: issuer, oauthProjectClaim: 'rollcall_project' })
    }
  })

  it('refuse an issuer without an audience, an audience and keys without an issuer', () => {
    const together = 'OAUTH_ISSUER and OAUTH_AUDIENCE must be set together'
    expect(problemsOf({ OAUTH_ISSUER: 'https://login.example.com' })).toContain(together)
    expect(problemsOf({ OAUTH_AUDIENCE: 'rollcall' })).toContain(together)
    expect(problemsOf({ OAUTH_JWKS_URI: 'https://login.example.com/jwks' })).toContain(
      'OAUTH_JWKS_URI must be set only together with OAUTH_ISSUER',
    )
  })

  it('refuse a former key for reports without the one that followed', () => {
    expect(problemsOf({ REPORT_SIGNING_KEY_BEFORE: 'k'.repeat(32) })).toContain(
      'REPORT_SIGNING_KEY_BEFORE must be set only together with REPORT_SIGNING_KEY',
    )
  })

  it('name all that are wrong at once', () => {
    const problems = problemsOf({ PORT: 'x', ROLE: 'x', CHUNK_BYTES: '1', BOOTSTRAP_APP_ID: ID })
    expect(
      problems
        .split('\n- ')
        .slice(1)
        .map((line) => line.split(' ')[0]),
    ).toEqual(['PORT', 'ROLE', 'CHUNK_BYTES', 'BOOTSTRAP_APP_ID'])
  })

  it('never repeat a secret when they refuse it', () => {
    expect(problemsOf({ REPORT_SIGNING_KEY: 'my-secret' })).not.toContain('my-secret')
    expect(problemsOf({ BOOTSTRAP_APP_ID: ID, BOOTSTRAP_APP_TOKEN: 'my-secret' })).not.toContain('my-secret')
  })

  it('are all listed by name: none can be added and forgotten', () => {
    expect([...SETTING_NAMES].sort()).toEqual(Object.keys(new Settings()).sort())
    expect(new Set(SETTING_NAMES).size).toBe(SETTING_NAMES.length)
  })

  it('have variables in capitals', () => {
    expect(variableOf('laneLeaseMs')).toBe('LANE_LEASE_MS')
    expect(variableOf('port')).toBe('PORT')
  })
})
