import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadSettings, SETTING_NAMES, variableOf } from '../../src/config/index.js'

const text = readFileSync(join(__dirname, '..', '..', 'docs', 'settings.md'), 'utf8')

/** The cells of the table's rows, without its head. */
const rows = text
  .split('\n')
  .filter((line) => /^\|\s*`/.test(line))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))

describe('The table of settings in the documentation', () => {
  it('has every setting of the code, in its order, and no other', () => {
    expect(rows.map(([, variable]) => variable)).toEqual(
      SETTING_NAMES.map((name) => `\`${variableOf(name)}\``),
    )
  })

  it('tells the defaults that the code has', () => {
    const settings = loadSettings({})
    const withDefault = SETTING_NAMES.filter((name) => settings[name] !== undefined)
    const told = new Map(rows.map(([, variable, value]) => [variable, value]))
    for (const name of withDefault) {
      expect([name, told.get(`\`${variableOf(name)}\``)]).toEqual([name, `\`${String(settings[name])}\``])
    }
  })
})
