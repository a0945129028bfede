import { parseArgs } from 'node:util'
import { LARGEST_BODY, type Shape, SHAPES } from './payloads.js'

export interface Options {
  readonly shapes: readonly Shape[]
  readonly bytes: number
  readonly rounds: number
  readonly json: string
  /** Measure reads and lists with so many customers present, instead of bulk requests; 0 for not. */
  readonly lists: number
  /** A quick look whether all of it works; its times mean nothing. */
  readonly smoke: boolean
}

const SMOKE_BYTES = 200_000

export const HELP = `npm run bench -- [options]

Measures how long a bulk update of 10 MB takes, from sending the request to reading DONE, beside the same work in
hand-written SQL and a COPY of the same rows, all on one PostgreSQL that it starts itself in a temporary folder.

  --rounds N    how often everything is measured (5)
  --all         also lean customers (three values each) and minimal ones (a source_id and nothing else)
  --smoke       one round with 200 kB of every kind: does it all work?
  --lists N     instead: reads and lists with N customers present (1000000 is a good number)
  --json FILE   where to write the figures (bench/results/latest.json)
  --help        this text

It ends with 0 when every result was correct and the yardstick is good, whatever the times are.`

/** Undefined when help was asked for; throws when something is not understood. */
export function readOptions(args: string[], defaultJson: string): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '5' },
      all: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      lists: { type: 'string', default: '0' },
      json: { type: 'string', default: defaultJson },
      help: { type: 'boolean', default: false },
    },
  })
  const { all, smoke, json, help } = values
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds must be a whole number, 1 or more')
  const lists = Number(values.lists)
  if (!Number.isInteger(lists) || lists < 0 || lists % 200 > 0)
    throw new Error('--lists must be a multiple of 200')
  if (help) return undefined
  return {
    shapes: all || smoke ? SHAPES : ['typical'],
    bytes: smoke ? SMOKE_BYTES : LARGEST_BODY,
    rounds: smoke ? 1 : rounds,
    json,
    lists,
    smoke,
  }
}
