import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StartError } from '../start-error.js'
import { DataFolder } from './data-folder.js'
import { KeptKeys } from './kept-keys.js'
import { writePrivately } from './private-file.js'

const KEYS = { appId: 'till-of-berlin', appToken: 'rollcall_Zm9vYmFyYmF6' }

describe('Keys that a file of the data folder holds', () => {
  let folder: DataFolder
  let file: string

  beforeEach(() => {
    folder = new DataFolder(mkdtempSync(join(tmpdir(), 'rollcall-test-')))
    file = folder.file('demo-project.json')
  })
  afterEach(() => {
    rmSync(folder.path, { recursive: true })
  })

  const kept = (isProduction = false) => new KeptKeys(folder, isProduction)
  const refusal = (content: object | string, isProduction = false): StartError => {
    writePrivately(file, content)
    try {
      kept(isProduction).read()
    } catch (error) {
      if (error instanceof StartError) return error
      throw error
    }
    throw new Error('It was taken.')
  }

  it('are none when there is no file', () => {
    expect(kept().read()).toBeUndefined()
  })

  it.each([false, true])('are taken when they are good ones; in production: %p', (isProduction) => {
    kept().write(KEYS)
    expect(kept(isProduction).read()).toEqual(KEYS)
  })

  it('are kept to their owner, also after an editor has let others read them', () => {
    kept().write(KEYS)
    chmodSync(file, 0o644)
    expect(kept().read()).toEqual(KEYS)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('cannot be read from what is no file', () => {
    mkdirSync(file)
    expect(() => kept().read()).toThrow(`${file} cannot be read: EISDIR`)
  })

  it('may stand beside other things', () => {
    writePrivately(file, { ...KEYS, note: 'of ours' })
    expect(kept().read()).toEqual(KEYS)
  })

  it.each([
    ['an object without any', {}, 'appId'],
    ['no object', '7', 'appId'],
    ['null', 'null', 'appId'],
    ['a list', '[]', 'appId'],
    ['an id that is a number', { ...KEYS, appId: 12_345_678 }, 'appId'],
    ['an id that looks like one of an outside issuer', { ...KEYS, appId: 'outside:till' }, 'appId'],
    ['no token', { appId: KEYS.appId }, 'appToken'],
    ['an empty token', { ...KEYS, appToken: '' }, 'appToken'],
    ['a short token', { ...KEYS, appToken: 'x'.repeat(15) }, 'appToken'],
    ['a token with a line break', { ...KEYS, appToken: `${KEYS.appToken}\n` }, 'appToken'],
  ])('are refused by file and field: %s', (_, content, field) => {
    const { message, exitCode } = refusal(content)
    expect(message).toMatch(`${field} in ${file} must be `)
    expect(exitCode).toBe(2)
  })

  it('are refused in production when the token is easy to guess, without repeating it', () => {
    const appToken = 'abababababababababab'
    expect(refusal({ ...KEYS, appToken }, true).message).toBe(
      `appToken in ${file} is too easy to guess for NODE_ENV=production: use a long random text.`,
    )
    expect(kept().read()).toEqual({ ...KEYS, appToken })
  })

  it('are refused by file when that is damaged, without repeating what it holds', () => {
    const { message, exitCode } = refusal('{"appToken": "rollcall_secret')
    expect(message).toBe(`${file} is damaged: it holds no JSON. Put back what it held.`)
    expect(exitCode).toBe(1)
  })
})
