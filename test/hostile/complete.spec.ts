import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const CLONE = join(__dirname, '..', '..')
const ALL = Array.from({ length: 76 }, (_, index) => `B${index + 1}`)

const tests = readdirSync(__dirname)
  .filter((name) => name.endsWith('.spec.ts') && name !== 'complete.spec.ts')
  .map((name) => readFileSync(join(__dirname, name), 'utf8'))
  .join('\n')
const document = readFileSync(join(CLONE, 'docs', 'hostile-input.md'), 'utf8')

/** What is named in some text, ranges such as B15–B17 included. */
function namedIn(text: string): Set<string> {
  const numbers = [...text.matchAll(/\bB(\d+)(?:–B(\d+))?/g)].flatMap(([, first, last]) => {
    const [from, to] = [Number(first), Number(last ?? first)]
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  })
  return new Set(numbers.map((number) => `B${number}`))
}

it('Every hostile input of the list has its test', () => {
  const inTitles = new Set([...tests.matchAll(/['"`](B\d+)\b/g)].map(([, name]) => name ?? ''))
  expect(ALL.filter((name) => !inTitles.has(name))).toEqual([])
})

it('Every hostile input of the list stands in the document', () => {
  const named = namedIn(document)
  expect(ALL.filter((name) => !named.has(name))).toEqual([])
})
