import { Rollcall } from '../support/rollcall.js'
import { Context } from './rows/context.js'
import { ROWS } from './rows/index.js'
import { nameOf } from './rows/row.js'

describe('The contract', () => {
  let rollcall: Rollcall
  let context: Context

  beforeAll(async () => {
    // High enough to be met by nobody: with a limit set, its headers are there.
    rollcall = await Rollcall.start({
      env: { RATE_LIMIT_PER_MINUTE: '1000000', BULK_RATE_LIMIT_PER_HOUR: '1000000' },
    })
    const otherKeys = await rollcall.projects.create('other')
    context = new Context({ base: rollcall.base, keys: rollcall.keys, otherKeys })
  })
  afterAll(() => rollcall.stop())

  it.each(ROWS.map((row) => [nameOf(row), row] as const))('%s', async (_, row) => {
    await row.run(context)
  })

  it('has a name of its own for every row', () => {
    const names = ROWS.map(nameOf)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })
})
