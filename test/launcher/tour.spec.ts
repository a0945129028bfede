import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiBanner } from '../../src/launcher/banner.js'
import { Rollcall } from '../support/rollcall.js'

const README = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8')
const TOUR = /-d '(\[[^']*\])'/.exec(README)?.[1] ?? ''
const REPORT = /```csv\n([^`]*)```/.exec(README)?.[1] ?? ''

describe('the tour in README.md', () => {
  let rollcall: Rollcall

  beforeAll(async () => {
    rollcall = await Rollcall.start()
  })
  afterAll(() => rollcall.stop())

  it('shows the report that comes, also after the command of the banner, and what a second run reports', async () => {
    const banner = /-d '(\[.*\])'/.exec(apiBanner(rollcall.base, undefined, { shownAgain: true }))?.[1] ?? ''
    await reportOf(banner)
    expect(await reportOf(TOUR)).toBe(REPORT)
    const [header, , alan] = REPORT.split('\n')
    const ada = 'ada@example.com,true,false,,,'
    expect(await reportOf(TOUR)).toBe([header, ada, alan, ada, ''].join('\n'))
  })

  async function reportOf(body: string): Promise<string> {
    const action = await rollcall.finished(await rollcall.bulk(body))
    expect(action.status).toBe('DONE')
    return (await rollcall.reportText(action)).replaceAll('\r\n', '\n')
  }
})
