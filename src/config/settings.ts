import { plainToInstance, Transform } from 'class-transformer'
import {
  isFQDN,
  IsIn,
  IsInt,
  isIP,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
  MinLength,
  ValidateBy,
  validateSync,
} from 'class-validator'
import { APP_ID_RULE, APP_TOKEN_RULE } from './app-key-rules.js'
import { IsSecureUrl } from './secure-url.js'
import { weakSecrets } from './weak-secrets.js'

const HOST_MESSAGE = 'must be an IP address or a host name, such as 127.0.0.1, 0.0.0.0 or ::1'

export type Role = 'all' | 'api' | 'worker'

/** From the least to the most that is written. */
export const LOG_LEVELS = ['error', 'warn', 'log', 'debug'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/**
 * Every setting of Rollcall. Each comes from the environment variable of the name given in its comment
 * (or from `.env`), has a default where one makes sense, and is checked at boot: a wrong one stops the start.
 * An empty variable counts as not set.
 */
export class Settings {
  /** `PORT`: TCP port of the API; a worker with `ROLE=worker` serves its health there. 0 takes a free one. */
  @Integer({ min: 0, max: 65_535 })
  readonly port: number = 3000

  /** `HOST`: address to listen on. Keep the default unless a proxy or other machines must reach it. */
  @ValidateBy({ name: 'isHost', validator: { validate: isHost } }, { message: HOST_MESSAGE })
  readonly host: string = '127.0.0.1'

  /** `DATA_DIR`: folder of the embedded servers' data and of what is needed to find them again. */
  @IsString({ message: 'must be the path of a folder' })
  readonly dataDir: string = '.data'

  /** `DATABASE_URL`: a PostgreSQL (15 or later) to use instead of the embedded one. */
  @IsOptional()
  @Matches(/^postgres(ql)?:\/\//, { message: 'must start with postgres:// or postgresql://' })
  readonly databaseUrl?: string

  /**
   * `OWNER_DATABASE_URL`: the same database with the login that owns the tables, for migrations and commands, where APIs
   * and workers use another. Commands take it alone.
   */
  @IsOptional()
  @Matches(/^postgres(ql)?:\/\//, { message: 'must start with postgres:// or postgresql://' })
  readonly ownerDatabaseUrl?: string

  /** `REDIS_URL`: a Redis (6.2 or later) or Valkey to use instead of a local one. */
  @IsOptional()
  @Matches(/^rediss?:\/\//, { message: 'must start with redis:// or rediss://' })
  readonly redisUrl?: string

  /** `ROLE`: what this start runs: `all`, only the `api`, or only a `worker`. */
  @IsIn(['all', 'api', 'worker'], { message: 'must be all, api or worker' })
  readonly role: Role = 'all'

  /** `PUBLIC_URL`: base of the links that are handed out (reports); default is the listening address. */
  @IsOptional()
  @IsUrl(
    {
      require_tld: false,
      protocols: ['http', 'https'],
      require_protocol: true,
      allow_query_components: false,
      allow_fragments: false,
      disallow_auth: true,
    },
    { message: 'must be a URL that starts with http:// or https://, without password, query or fragment' },
  )
  readonly publicUrl?: string

  /** `WORKER_COUNT`: worker processes that `npm start` runs. */
  @Integer({ min: 1, max: 64 })
  readonly workerCount: number = 1

  /** `LANES_PER_WORKER`: projects that one worker serves at the same time. */
  @Integer({ min: 1, max: 64 })
  readonly lanesPerWorker: number = 2

  /** `LANE_LEASE_MS`: milliseconds after which a silent worker loses its lane to another. */
  @Integer({ min: 500, max: 600_000 })
  readonly laneLeaseMs: number = 30_000

  /** `POLL_INTERVAL_MS`: milliseconds between a worker's looks for work that no doorbell announced. */
  @Integer({ min: 50, max: 60_000 })
  readonly pollIntervalMs: number = 2_000

  /**
   * `CHUNK_BYTES`: bytes of JSON, or 2,500 rows, whichever comes first, that one transaction works on. A request
   * of 10 MB of new customers took 0.63 s instead of 0.56 s with half of it, and 0.75 s instead of 0.61 s with a quarter;
   * more would take a worker more memory.
   */
  @Integer({ min: 1_024, max: 10_485_760 })
  readonly chunkBytes: number = 600_000

  /** `MAX_OPEN_ACTIONS`: unfinished asynchronous actions a project may have; one more is answered 429. */
  @Integer({ min: 1, max: 1_000_000 })
  readonly maxOpenActions: number = 1_000

  /** `MAX_STORED_BYTES`: bytes that rows of a project's unfinished actions may take, packed; more is answered 429. */
  @Integer({ min: 10_485_760, max: 1_099_511_627_776 })
  readonly maxStoredBytes: number = 2_147_483_648

  /**
   * `UPLOAD_MEMORY_BYTES`: bytes of bulk requests that one API process holds at a time; further ones wait in line. It
   * takes about five times as much while it packs and stores them.
   */
  @Integer({ min: 10_485_760, max: 1_073_741_824 })
  readonly uploadMemoryBytes: number = 31_457_280

  /**
   * `MAX_CONNECTIONS`: connections that clients may have open to one process; one more is closed at once. 5,000 took
   * 120 MB.
   */
  @Integer({ min: 10, max: 1_000_000 })
  readonly maxConnections: number = 2_000

  /** `RATE_LIMIT_PER_MINUTE`: calls a project may make in a minute, bulk requests aside; no limit by default. */
  @IsOptional()
  @Integer({ min: 1, max: 1_000_000_000 })
  readonly rateLimitPerMinute?: number

  /** `BULK_RATE_LIMIT_PER_HOUR`: bulk requests a project may make in an hour; no limit by default. */
  @IsOptional()
  @Integer({ min: 1, max: 1_000_000_000 })
  readonly bulkRateLimitPerHour?: number

  /** `MAX_SOURCE_ID_LENGTH`: longest source_id, in characters (code points). */
  @Integer({ min: 1, max: 600 })
  readonly maxSourceIdLength: number = 255

  /** `MAX_STRING_LENGTH`: longest value of any other text field, in characters (code points). */
  @Integer({ min: 1, max: 1_000_000 })
  readonly maxStringLength: number = 2_000

  /** `REPORT_RETENTION_DAYS`: days for which a report can be downloaded after its action ended. */
  @Integer({ min: 1, max: 36_500 })
  readonly reportRetentionDays: number = 90

  /** `AUDIT_LOG_DAYS`: days for which entries of the audit log are kept. */
  @Integer({ min: 90, max: 36_500 })
  readonly auditLogDays: number = 400

  /** `REPORT_SIGNING_KEY`: secret that signs report links; default is a random one kept in PostgreSQL. */
  @IsOptional()
  @MinLength(32, { message: 'must be at least 32 characters long' })
  readonly reportSigningKey?: string

  /** `REPORT_SIGNING_KEY_BEFORE`: the secret before that one; links it signed go on working. */
  @IsOptional()
  @MinLength(32, { message: 'must be at least 32 characters long' })
  readonly reportSigningKeyBefore?: string

  /** `BOOTSTRAP_APP_ID`: application id of a project that every start with an API makes sure of. */
  @IsOptional()
  @Matches(APP_ID_RULE.pattern, { message: `must ${APP_ID_RULE.must}` })
  readonly bootstrapAppId?: string

  /** `BOOTSTRAP_APP_TOKEN`: secret that goes with `BOOTSTRAP_APP_ID`. */
  @IsOptional()
  @Matches(APP_TOKEN_RULE.pattern, { message: `must ${APP_TOKEN_RULE.must}` })
  readonly bootstrapAppToken?: string

  /** `OAUTH_ISSUER`: an authorization server of yours whose JWT access tokens are taken beside our own. */
  @IsOptional()
  @IsSecureUrl()
  readonly oauthIssuer?: string

  /** `OAUTH_AUDIENCE`: what the `aud` of its tokens must name; goes with `OAUTH_ISSUER`. */
  @IsOptional()
  @IsString()
  readonly oauthAudience?: string

  /** `OAUTH_PROJECT_CLAIM`: the claim of its tokens that holds the project id. */
  @IsString()
  readonly oauthProjectClaim: string = 'rollcall_project'

  /** `OAUTH_JWKS_URI`: where it publishes its keys; default is what its metadata says. */
  @IsOptional()
  @IsSecureUrl()
  readonly oauthJwksUri?: string

  /** `CORS_ORIGINS`: comma-separated web origins that browsers may call the API from; none by default. */
  @IsOptional()
  @Matches(/^https?:\/\/[^\s,/]+(,\s*https?:\/\/[^\s,/]+)*$/, {
    message: 'must be a comma-separated list of origins such as https://app.example.com',
  })
  readonly corsOrigins?: string

  /** `NODE_ENV`: with `production` a start refuses secrets that are easily guessed, and shows kept ones only once. */
  @IsIn(['development', 'test', 'production'], { message: 'must be production, development or test' })
  readonly nodeEnv: 'development' | 'test' | 'production' = 'development'

  /** `LOG_LEVEL`: how much a process writes to its log. */
  @IsIn(LOG_LEVELS, { message: 'must be error, warn, log or debug' })
  readonly logLevel: LogLevel = 'log'
}

/** One or more settings are wrong; the message names each with what it must be. */
export class SettingsError extends Error {}

/** Reads and checks all settings; throws a {@link SettingsError} that lists every wrong one. */
export function loadSettings(env: NodeJS.ProcessEnv): Settings {
  const given = SETTING_NAMES.flatMap((name) => {
    const value = env[variableOf(name)]
    return value === undefined || value === '' ? [] : [[name, value] as const]
  })
  const settings = plainToInstance(Settings, Object.fromEntries(given))
  const problems = validateSync(settings).map(
    (error) =>
      `${variableOf(error.property)} ${[...new Set(Object.values(error.constraints ?? {}))].join(' and ')}`,
  )
  problems.push(...problemsBetween(settings))
  if (settings.nodeEnv === 'production') problems.push(...weakSecrets(settings))
  if (problems.length > 0) throw new SettingsError(`Wrong settings:\n- ${problems.join('\n- ')}`)
  return settings
}

/** What no setting shows by itself. */
function problemsBetween(settings: Settings): string[] {
  const { bootstrapAppId, bootstrapAppToken, oauthIssuer, oauthAudience, oauthJwksUri } = settings
  const { reportSigningKey, reportSigningKeyBefore } = settings
  const problems: string[] = []
  if ((bootstrapAppId === undefined) !== (bootstrapAppToken === undefined))
    problems.push('BOOTSTRAP_APP_ID and BOOTSTRAP_APP_TOKEN must be set together')
  if ((oauthIssuer === undefined) !== (oauthAudience === undefined))
    problems.push('OAUTH_ISSUER and OAUTH_AUDIENCE must be set together')
  if (oauthJwksUri !== undefined && oauthIssuer === undefined)
    problems.push('OAUTH_JWKS_URI must be set only together with OAUTH_ISSUER')
  if (reportSigningKeyBefore !== undefined && reportSigningKey === undefined)
    problems.push('REPORT_SIGNING_KEY_BEFORE must be set only together with REPORT_SIGNING_KEY')
  return problems
}

/** The environment variable of a setting: `laneLeaseMs` is `LANE_LEASE_MS`. */
export function variableOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

/** The names of all settings, in the order of the documentation. */
export const SETTING_NAMES: readonly (keyof Settings)[] = [
  'port',
  'host',
  'dataDir',
  'databaseUrl',
  'ownerDatabaseUrl',
  'redisUrl',
  'role',
  'publicUrl',
  'workerCount',
  'lanesPerWorker',
  'laneLeaseMs',
  'pollIntervalMs',
  'chunkBytes',
  'maxOpenActions',
  'maxStoredBytes',
  'uploadMemoryBytes',
  'maxConnections',
  'rateLimitPerMinute',
  'bulkRateLimitPerHour',
  'maxSourceIdLength',
  'maxStringLength',
  'reportRetentionDays',
  'auditLogDays',
  'reportSigningKey',
  'reportSigningKeyBefore',
  'bootstrapAppId',
  'bootstrapAppToken',
  'oauthIssuer',
  'oauthAudience',
  'oauthProjectClaim',
  'oauthJwksUri',
  'corsOrigins',
  'nodeEnv',
  'logLevel',
]

/** No name ends in a number, so that such a one is an address or a mistake. A zone (`%eth0`) fits into no link. */
function isHost(value: unknown): boolean {
  const host = String(value)
  if (isIP(host)) return !host.includes('%')
  return isFQDN(host, { require_tld: false, allow_underscores: true }) && !/(^|\.)\d+$/.test(host)
}

function Integer({ min, max }: { min: number; max: number }): PropertyDecorator {
  const message = `must be a whole number from ${String(min)} to ${String(max)}`
  const decorators = [
    Transform(({ value }: { value: unknown }) => (/^\d+$/.test(String(value)) ? Number(value) : value)),
    IsInt({ message }),
    Min(min, { message }),
    Max(max, { message }),
  ]
  return (target, property) => {
    for (const decorate of decorators) decorate(target, property)
  }
}
