/** What one request may carry, in bytes. */
export const LARGEST_BODY = 10_485_760

export const SHAPES = ['typical', 'lean', 'minimal'] as const
export type Shape = (typeof SHAPES)[number]

/** First the customers come to be, then the same ones get other values, then the same values come again. */
export const PHASES = ['new', 'changed', 'unchanged'] as const
export type Phase = (typeof PHASES)[number]

/** What the customers of a body are like: there are two of each, the third phase sends the second again. */
const EDITIONS = ['first', 'second'] as const
type Edition = (typeof EDITIONS)[number]

export interface Payload {
  readonly shape: Shape
  readonly rows: number
  readonly bodies: Readonly<Record<Phase, Buffer>>
}

export type Customer = { readonly source_id: string } & Readonly<Record<string, unknown>>

/** As many customers as fit, the same in both bodies. The same call always gives the same bytes. */
export function makePayload(shape: Shape, bytes: number): Payload {
  const items: Record<Edition, string[]> = { first: [], second: [] }
  const size: Record<Edition, number> = { first: 1, second: 1 }
  for (let row = 0; ; row++) {
    const next = EDITIONS.map((edition) => JSON.stringify(customerOf(shape, row, edition)))
    // One more for the comma or the bracket after it; everything is ASCII.
    if (EDITIONS.some((edition, index) => size[edition] + lengthOf(next[index]) + 1 > bytes)) break
    EDITIONS.forEach((edition, index) => {
      const item = next[index] ?? ''
      items[edition].push(item)
      size[edition] += item.length + 1
    })
  }
  const body = (edition: Edition): Buffer => Buffer.from(`[${items[edition].join(',')}]`)
  const [first, second] = [body('first'), body('second')]
  return { shape, rows: items.first.length, bodies: { new: first, changed: second, unchanged: second } }
}

/** Some typical customers as the body of one request, beginning with a row. */
export const makeTypicalBody = (firstRow: number, rows: number, phase: Phase): Buffer =>
  toBody(rows, (index) => makeCustomer('typical', firstRow + index, phase))

/** The body of a request with so many rows. */
export const toBody = (rows: number, row: (index: number) => object): Buffer =>
  Buffer.from(JSON.stringify(Array.from({ length: rows }, (_, index) => row(index))))

/** Whether the second body of a shape differs from the first: a bare id has nothing that could change. */
export const isChangedBy = (shape: Shape): boolean => shape !== 'minimal'

/** One customer as a phase sends it. In the second phase every value but the `source_id` is drawn anew. */
export const makeCustomer = (shape: Shape, row: number, phase: Phase): Customer =>
  customerOf(shape, row, phase === 'new' ? 'first' : 'second')

/** So far do the source_ids of customers who are there before reach into those of a body of 10 MB. */
const ROWS_AMONG: Record<Shape, number> = { typical: 27_000, lean: 110_000, minimal: 400_000 }

/**
 * One of the customers who are there before: typical, and not in any body. Their source_ids lie between those of the
 * bodies, so that each row of a request touches another place of the index.
 */
export function makePresentCustomer(index: number): Customer {
  const shape = SHAPES[index % SHAPES.length] ?? 'typical'
  const row = Math.floor(index / SHAPES.length) % ROWS_AMONG[shape]
  return { ...makeCustomer('typical', index, 'new'), source_id: `${sourceIdOf(shape, row)}-${index}` }
}

function customerOf(shape: Shape, row: number, edition: Edition): Customer {
  const random = generator(row * 2 + EDITIONS.indexOf(edition))
  const source_id = sourceIdOf(shape, row)
  switch (shape) {
    case 'typical':
      return { source_id, ...typicalValues(random) }
    case 'lean':
      return { source_id, ...leanValues(random) }
    case 'minimal':
      return { source_id }
  }
}

function sourceIdOf(shape: Shape, row: number): string {
  switch (shape) {
    case 'typical':
      return `crm-${digits(row, 6)}`
    case 'lean':
      return `u${digits(row, 7)}`
    case 'minimal':
      return `m-${digits(row, 7)}`
  }
}

type Random = (below: number) => number

function typicalValues(random: Random): object {
  const first = pick(FIRST_NAMES, random)
  const last = pick(LAST_NAMES, random)
  return {
    name: `${first} ${last}`,
    email: `${first}.${last}${digits(random(1e4), 4)}@mail.example`.toLowerCase(),
    phone: `+48${digits(random(1e9), 9)}`,
    description: `${pick(TRAITS, random)} since ${2005 + random(20)}`,
    birthdate: `${1940 + random(68)}-${digits(1 + random(12), 2)}-${digits(1 + random(28), 2)}`,
    address: {
      line_1: `${pick(STREETS, random)} ${1 + random(250)}`,
      line_2: `${1 + random(90)}`,
      city: pick(CITIES, random),
      state: pick(STATES, random),
      postal_code: `${digits(random(100), 2)}-${digits(random(1e3), 3)}`,
      country: pick(COUNTRIES, random),
    },
    metadata: {
      tier: pick(TIERS, random),
      points: random(100_000),
      newsletter: random(2) === 1,
      shop: `s-${digits(random(1e4), 4)}`,
    },
  }
}

const leanValues = (random: Random): object => ({
  email: `${digits(random(1e7), 7)}@mail.example`,
  metadata: { tier: pick(TIERS, random), age: random(100) },
})

const lengthOf = (text = ''): number => text.length
const digits = (value: number, length: number): string => String(value).padStart(length, '0')
const pick = (words: readonly string[], random: Random): string => words[random(words.length)] ?? ''

/** A small linear congruential generator, its first value already well mixed. */
function generator(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x297a2d39) >>> 0
    return Math.floor((state / 0x1_0000_0000) * below)
  }
}

const FIRST_NAMES =
  'Ada Bruno Clara Dawid Elena Felix Greta Hugo Irena Jonas Karla Leon Maria Nadia Otto'.split(' ')
const LAST_NAMES =
  'Adler Baran Castillo Dudek Ekberg Fischer Gruber Hansen Ivanova Jansen Kowalski Lindqvist'.split(' ')
const TRAITS = ['Buys a lot', 'Comes by bike', 'Likes sales', 'Reads letters']
const STREETS = ['Harbour Street', 'Linden Avenue', 'Mill Lane', 'Old Market', 'Station Road']
const CITIES = ['Bergen', 'Gdansk', 'Katowice', 'Leipzig', 'Porto', 'Turin', 'Uppsala', 'Valencia']
const STATES = ['Silesia', 'Saxony', 'Piedmont', 'Vestland', 'Norte', 'Uppland']
const COUNTRIES = ['Poland', 'Germany', 'Italy', 'Norway', 'Portugal', 'Sweden', 'Spain']
const TIERS = ['bronze', 'silver', 'golden', 'platin']
