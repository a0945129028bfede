import { RequestError } from '../../kernel/index.js'
import { MAX_DEPTH, MAX_ROWS } from './scan-array.js'
import { refuseHarmfulJson } from './scan-json.js'

/** Why it is refused; undefined when it is let through. */
function refusalOf(text: string): string | undefined {
  try {
    refuseHarmfulJson(Buffer.from(text))
    return undefined
  } catch (error) {
    if (error instanceof RequestError) return error.details
    throw error
  }
}
const nested = (levels: number, open: string, close: string): string =>
  open.repeat(levels) + close.repeat(levels)

const TOO_DEEP = `Payload is nested deeper than ${MAX_DEPTH} levels`
const TOO_MANY = `Payload has more than ${MAX_ROWS} source_ids`

describe('JSON that would harm the parser', () => {
  it.each([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('is refused from one level of %s too many on', (_, open, close) => {
    expect(refusalOf(nested(MAX_DEPTH, open, close))).toBeUndefined()
    expect(refusalOf(nested(MAX_DEPTH + 1, open, close))).toBe(TOO_DEEP)
  })

  it('is not what closes as often as it opens', () => {
    expect(refusalOf(`[${'[],{},'.repeat(MAX_DEPTH)}0]`)).toBeUndefined()
  })

  it.each(['[', '{', ',', '\\"['])('is not what has it in a text only: %s', (text) => {
    expect(refusalOf(`["${text.repeat(MAX_ROWS + 10_001)}"]`)).toBeUndefined()
  })

  it('is as deep behind texts that close brackets', () => {
    expect(refusalOf('["]",'.repeat(MAX_DEPTH + 1))).toBe(TOO_DEEP)
  })

  it('is refused from one value too many on', () => {
    const values = (count: number): string => `[${'0,'.repeat(count - 1)}0]`
    expect(refusalOf(values(MAX_ROWS + 10_000))).toBeUndefined()
    expect(refusalOf(values(MAX_ROWS + 10_001))).toBe(TOO_MANY)
  })
})
