import { Command, CommanderError } from 'commander'
import { runRows, type Outcome } from './run-rows.js'
import { Context } from './rows/context.js'
import { ROWS } from './rows/index.js'
import { nameOf } from './rows/row.js'

interface Options {
  readonly baseUrl: string
  readonly appId: string
  readonly appToken: string
  readonly otherAppId?: string
  readonly otherAppToken?: string
  readonly officialOnly?: true
  readonly expectRateLimits?: true
  readonly json?: true
}

const EXIT = { good: 0, failed: 1, misused: 2 } as const

const AFTER_HELP = `
Each rule of the contract is a row. Rows create customers with ids of their own and leave them there: use a
project made for it. Rows marked + are rules of our own where the official sources are silent; rows marked -
were left out. The exit code is 0 when every row that ran passed, 1 when one failed, 2 when nothing could run.`

/** The whole command; resolves with the exit code. */
export async function conformance(args: string[]): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'number') return options
  const problem = await problemWith(options)
  if (problem !== undefined) {
    console.error(problem)
    return EXIT.misused
  }
  const outcomes: Outcome[] = []
  for await (const outcome of runRows(ROWS, contextOf(options), omissionsOf(options))) {
    outcomes.push(outcome)
    if (!options.json) console.log(lineOf(outcome))
  }
  const count = (result: Outcome['result']) => outcomes.filter((outcome) => outcome.result === result).length
  const totals = { passed: count('passed'), failed: count('failed'), left_out: count('left out') }
  if (options.json) console.log(JSON.stringify({ totals, rows: outcomes.map(toJson) }, null, 2))
  else console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.left_out} left out`)
  return totals.failed === 0 && totals.passed > 0 ? EXIT.good : EXIT.failed
}

function readOptions(args: string[]): Options | number {
  const command = new Command('npm run conformance --')
    .description('Checks a running server against the contract, row by row.')
    .requiredOption('--base-url <url>', 'where the server is, without /v1')
    .requiredOption('--app-id <id>', 'application id of a project')
    .requiredOption('--app-token <token>', 'its secret')
    .option('--other-app-id <id>', 'application id of a second project, for the rows about isolation')
    .option('--other-app-token <token>', 'its secret')
    .option('--official-only', 'leave out the rules of our own')
    .option('--expect-rate-limits', 'the server has rate limits; check their headers')
    .option('--json', 'print JSON instead of a table')
    .addHelpText('after', AFTER_HELP)
    .showHelpAfterError('(npm run conformance -- --help shows all options)')
    .exitOverride()
  try {
    return command.parse(args, { from: 'user' }).opts<Options>()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? EXIT.good : EXIT.misused
  }
}

/** What would make every row fail, said once instead. */
async function problemWith({ baseUrl, appId, appToken }: Options): Promise<string | undefined> {
  try {
    const headers = { 'x-app-id': appId, 'x-app-token': appToken }
    const { status } = await fetch(`${baseUrl.replace(/\/+$/, '')}/v1/customers?limit=1`, { headers })
    if (status === 401) return `${baseUrl} does not take these keys: check --app-id and --app-token.`
    if (status === 404) return `${baseUrl} has no customers API: check --base-url, which is without /v1.`
    return undefined
  } catch (error) {
    return `${baseUrl} cannot be reached: ${((error as Error).cause as Error | undefined)?.message ?? String(error)}`
  }
}

function contextOf({ baseUrl, appId, appToken, otherAppId, otherAppToken }: Options): Context {
  const other = otherAppId !== undefined && otherAppToken !== undefined
  return new Context({
    base: baseUrl.replace(/\/+$/, ''),
    keys: { appId, appToken },
    ...(other && { otherKeys: { appId: otherAppId, appToken: otherAppToken } }),
  })
}

const omissionsOf = (options: Options): Parameters<typeof runRows>[2] => ({
  ...(options.officialOnly && { ours: '--official-only' }),
  ...(options.otherAppToken === undefined && {
    'a second project': 'needs --other-app-id and --other-app-token',
  }),
  ...(options.expectRateLimits !== true && { 'rate limits': 'needs --expect-rate-limits' }),
})

const MARKS: Record<Outcome['result'], string> = { passed: 'pass', failed: 'FAIL', 'left out': '-   ' }

function lineOf({ row, result, why }: Outcome): string {
  const line = `${MARKS[result]} ${row.ours ? '+' : ' '} ${nameOf(row)}`
  return why === undefined ? line : `${line}\n         ${why.split('\n').join('\n         ')}`
}

const toJson = ({ row, result, why }: Outcome): object => ({
  section: row.section,
  title: row.title,
  source: row.ours ? 'ours' : 'official',
  result,
  ...(why !== undefined && { why }),
})
