import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  API_POOL_SIZE,
  loadSettings,
  SETTING_NAMES,
  variableOf,
  workerConnections,
} from '../../src/config/index.js'

const read = (document: string): string => readFileSync(join(__dirname, '..', '..', 'docs', document), 'utf8')
const text = read('settings.md')

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

describe('The connections to PostgreSQL that the documentation speaks of', () => {
  it('are as many as an API process opens', () => {
    const [, told] = /an API process opens at most (\d+)/.exec(read('operations.md')) ?? []
    expect(told).toBe(String(API_POOL_SIZE))
  })

  it.each(['operations.md', 'settings.md'])('in %s are as many as a worker opens', (document) => {
    const [, times, more] = /(\d+) × `LANES_PER_WORKER` \+ (\d+)/.exec(read(document)) ?? []
    for (const lanes of [1, 2, 64]) {
      const settings = loadSettings({ LANES_PER_WORKER: String(lanes) })
      expect(Number(times) * lanes + Number(more)).toBe(workerConnections(settings))
    }
  })
})
