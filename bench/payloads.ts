/** What one request may carry, in bytes. */
export const LARGEST_BODY = 10_485_760

export const SHAPES = ['typical', 'lean', 'minimal'] as const
export type Shape = (typeof SHAPES)[number]

/** First the customers come to be, then the same ones get other values. */
export const PHASES = ['new', 'changed'] as const
export type Phase = (typeof PHASES)[number]

export interface Payload {
  readonly shape: Shape
  readonly rows: number
  readonly bodies: Readonly<Record<Phase, Buffer>>
}

export type Customer = { readonly source_id: string } & Readonly<Record<string, unknown>>

/** As many customers as fit, the same in both bodies. The same call always gives the same bytes. */
export function makePayload(shape: Shape, bytes: number): Payload {
  const items: Record<Phase, string[]> = { new: [], changed: [] }
  const size: Record<Phase, number> = { new: 1, changed: 1 }
  for (let row = 0; ; row++) {
    const next = PHASES.map((phase) => JSON.stringify(makeCustomer(shape, row, phase)))
    // One more for the comma or the bracket after it; everything is ASCII.
    if (PHASES.some((phase, index) => size[phase] + lengthOf(next[index]) + 1 > bytes)) break
    PHASES.forEach((phase, index) => {
      const item = next[index] ?? ''
      items[phase].push(item)
      size[phase] += item.length + 1
    })
  }
  const body = (phase: Phase): Buffer => Buffer.from(`[${items[phase].join(',')}]`)
  return { shape, rows: items.new.length, bodies: { new: body('new'), changed: body('changed') } }
}

/** Whether the second body of a shape differs from the first: a bare id has nothing that could change. */
export const isChangedBy = (shape: Shape): boolean => shape !== 'minimal'

/** One customer. Between the phases every value but the `source_id` is drawn anew. */
export function makeCustomer(shape: Shape, row: number, phase: Phase): Customer {
  const random = generator(row * 2 + PHASES.indexOf(phase))
  switch (shape) {
    case 'typical':
      return typicalCustomer(row, random)
    case 'lean':
      return leanCustomer(row, random)
    case 'minimal':
      return { source_id: `m-${digits(row, 7)}` }
  }
}

type Random = (below: number) => number

function typicalCustomer(row: number, random: Random): Customer {
  const first = pick(FIRST_NAMES, random)
  const last = pick(LAST_NAMES, random)
  return {
    source_id: `crm-${digits(row, 6)}`,
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

function leanCustomer(row: number, random: Random): Customer {
  return {
    source_id: `u${digits(row, 7)}`,
    email: `${digits(random(1e7), 7)}@mail.example`,
    metadata: { tier: pick(TIERS, random), age: random(100) },
  }
}

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
