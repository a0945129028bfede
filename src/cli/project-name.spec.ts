import { UsageError } from './command-error.js'
import { parseProjectName } from './project-name.js'

describe('The name of a project', () => {
  it.each([
    ['one letter', 'x', 'x'],
    ['spaces around it', '  Two words\n', 'Two words'],
    ['any letters', 'Ünïcödé 👩‍👩‍👧', 'Ünïcödé 👩‍👩‍👧'],
    ['200 characters', '😀'.repeat(200), '😀'.repeat(200)],
  ])('is taken, trimmed: %s', (_, given, name) => {
    expect(parseProjectName(given)).toBe(name)
  })

  it.each([
    ['nothing', '', '1 to 200 characters, not 0'],
    ['spaces', '  ', '1 to 200 characters, not 0'],
    ['5,000 characters', 'x'.repeat(5_000), '1 to 200 characters, not 5000'],
    ['two lines', 'one\ntwo', 'control characters'],
    ['colours', '\u001b[31mred', 'control characters'],
  ])('is refused: %s', (_, given, why) => {
    expect(() => parseProjectName(given)).toThrow(UsageError)
    expect(() => parseProjectName(given)).toThrow(why)
  })
})
