import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const document = readFileSync(join(__dirname, '..', '..', 'docs', 'security.md'), 'utf8')

/** The cells of a point: its number, what it is, where it is kept, which test fails. */
const points = [...document.matchAll(/^\| (S\d+) +\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)]

it('Each of the twenty points says what, where it is kept, and which test fails when it is not', () => {
  expect(points.map(([, number]) => number)).toEqual(Array.from({ length: 20 }, (_, n) => `S${n + 1}`))
  for (const [, number, , where, test] of points) {
    expect([number, where]).toEqual([number, expect.stringMatching(/\]\(/)])
    expect([number, test]).toEqual([number, expect.stringMatching(/\]\(\.\.\/(src|test)\/\S+\.spec\.ts\)/)])
  }
})
