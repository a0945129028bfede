import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Rollcall } from '../support/rollcall.js'
import { Context } from './rows/context.js'
import { assert } from './rows/expect.js'
import { Section } from './rows/row.js'
import { type Outcome, runRows } from './run-rows.js'

const SCRIPT = join(__dirname, '..', '..', 'scripts', 'conformance.mjs')

async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [SCRIPT, ...args])
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit])
  return { code, stdout, stderr }
}

describe('npm run conformance', () => {
  let rollcall: Rollcall

  beforeAll(async () => {
    rollcall = await Rollcall.start()
  })
  afterAll(() => rollcall.stop())

  const target = () => [
    ...['--base-url', rollcall.base],
    ...['--app-id', rollcall.keys.appId, '--app-token', rollcall.keys.appToken],
  ]

  it('passes against a Rollcall, and leaves out what it was not given the means for', async () => {
    const { code, stdout } = await run(...target(), '--json')
    const { totals, rows } = JSON.parse(stdout) as {
      totals: { passed: number; failed: number }
      rows: { title: string; result: string; why?: string }[]
    }
    expect(rows.filter(({ result }) => result === 'failed')).toEqual([])
    expect(totals.failed).toBe(0)
    expect(totals.passed).toBeGreaterThan(200)
    expect(new Set(rows.filter(({ result }) => result === 'left out').map(({ why }) => why))).toEqual(
      new Set(['needs --other-app-id and --other-app-token', 'needs --expect-rate-limits']),
    )
    expect(code).toBe(0)
  }, 300_000)

  it('prints row by row what passed and what failed and why, with totals, and exits with 1', async () => {
    const other = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const base = `http://127.0.0.1:${String((other.address() as AddressInfo).port)}`
    const { code, stdout } = await run(
      ...['--base-url', base, '--app-id', 'a', '--app-token', 'b'],
      '--official-only',
    )
    other.close()
    expect(stdout).toMatch(/^FAIL {3}§2\.2 unknown source_id is created: found=false, updated=true\n +\S/m)
    expect(stdout).toMatch(/^- {4}\+ §2\.4 .*\n +--official-only$/m)
    expect(stdout).toMatch(/^\d+ passed, \d+ failed, \d+ left out$/m)
    expect(code).toBe(1)
  }, 300_000)

  it('explains itself', async () => {
    const { code, stdout } = await run('--help')
    expect(stdout).toMatch(/--base-url/)
    expect(code).toBe(0)
  })

  it('says once, and exits with 2, what would make every row fail', async () => {
    const keys = ['--app-id', rollcall.keys.appId, '--app-token']
    const [stranger, astray] = await Promise.all([
      run('--base-url', rollcall.base, ...keys, 'wrong'),
      run('--base-url', `${rollcall.base}/v1`, ...keys, rollcall.keys.appToken),
    ])
    expect(stranger).toMatchObject({ code: 2, stdout: '' })
    expect(stranger.stderr).toMatch(/does not take these keys/)
    expect(astray).toMatchObject({ code: 2, stdout: '' })
    expect(astray.stderr).toMatch(/without \/v1/)
  })

  it('exits with 2 when it is told too little, or nobody is there', async () => {
    expect(await run()).toMatchObject({ code: 2, stderr: expect.stringMatching(/--base-url/) as string })
    const nobody = await run('--base-url', 'http://127.0.0.1:1', '--app-id', 'a', '--app-token', 'b')
    expect(nobody).toMatchObject({ code: 2, stderr: expect.stringMatching(/cannot be reached/) as string })
  })
})

describe('Rows', () => {
  const section = new Section('X')
  section.official('passes', () => Promise.resolve())
  section.official('fails', () => {
    assert.equal(1, 2)
    return Promise.resolve()
  })
  section.ours('is ours', () => Promise.resolve())
  section.official('needs more', () => Promise.resolve(), 'a second project')

  it('are run, or left out with a reason', async () => {
    const context = new Context({ base: 'http://127.0.0.1:1', keys: { appId: 'a', appToken: 'b' } })
    const outcomes: Outcome[] = []
    const omissions = { ours: 'not ours', 'a second project': 'only one' }
    for await (const outcome of runRows(section.rows, context, omissions)) outcomes.push(outcome)
    expect(outcomes.map(({ result }) => result)).toEqual(['passed', 'failed', 'left out', 'left out'])
    expect(outcomes.map(({ why }) => why)).toEqual([
      undefined,
      expect.stringMatching(/1 !== 2/) as string,
      'not ours',
      'only one',
    ])
  })
})
