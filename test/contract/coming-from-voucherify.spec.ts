import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Rollcall } from '../support/rollcall.js'
import { ENDPOINT_EXTENSIONS, QUERY_EXTENSIONS } from './official/corrections.js'
import { ENDPOINTS } from './official/endpoints.js'

const CLONE = join(__dirname, '..', '..')
const page = readFileSync(join(CLONE, 'docs', 'coming-from-voucherify.md'), 'utf8')

/** The code below a heading of the page. */
function snippet(heading: string): string {
  const [, code] = new RegExp(`### ${heading}\n[^]*?\`\`\`\\w+\n([^]*?)\`\`\``).exec(page) ?? []
  if (code === undefined) throw new Error(`The page has no code below ${heading}.`)
  return code
}

describe('docs/coming-from-voucherify.md', () => {
  it('has a JavaScript 2.9 example that works as it stands', async () => {
    const rollcall = await Rollcall.start()
    // Inside of the clone, where the client is installed.
    const folder = mkdtempSync(join(CLONE, '.prepare', 'snippet-'))
    try {
      const file = join(folder, 'snippet.cjs')
      writeFileSync(file, snippet('JavaScript, `@voucherify/sdk` 2.9'))
      const { appId, appToken } = rollcall.keys
      const env = { PATH: process.env['PATH'], BASE_URL: rollcall.base, APP_ID: appId, APP_TOKEN: appToken }
      const { stdout } = await promisify(execFile)(process.execPath, [file], { env })
      expect(stdout).toBe(
        'source_id,found,updated,key,message,details\r\nada@example.com,false,true,,,\r\n\n',
      )
      expect((await rollcall.call('GET', '/v1/customers/ada%40example.com')).body).toMatchObject({
        name: 'Ada',
      })
    } finally {
      rmSync(folder, { recursive: true })
      await rollcall.stop()
    }
  })

  it.each(['JavaScript, 3.x', 'Python', 'Java', 'Ruby', 'PHP', '.NET'])(
    'has an example for %s with its own address, keys, bulk update, polling and report',
    (heading) => {
      const code = snippet(heading)
      for (const part of [
        /127\.0\.0\.1:3000/,
        /APP_ID/,
        /APP_TOKEN/,
        /customers_?in_?bulk/i,
        /async_?action/i,
        /DONE/,
        /reports/,
      ])
        expect(code).toMatch(part)
    },
  )

  it('names every endpoint of the family', () => {
    for (const { path } of ENDPOINTS) expect(page).toContain(path.replace(/\{\w+\}/, '{id}'))
  })

  it('names every parameter that we add, and every endpoint', () => {
    for (const { query } of QUERY_EXTENSIONS)
      for (const name of Object.keys(query)) expect(page).toContain(`${name}=`)
    expect(ENDPOINT_EXTENSIONS.map(({ endpoint }) => endpoint)).toEqual([
      'GET /v1/async-actions/{asyncActionId}/reports/{report}',
    ])
    expect(page).toMatch(/report’s link|report's link/)
  })
})
