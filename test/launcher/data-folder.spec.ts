import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataFolder } from '../../src/launcher/data-folder/data-folder.js'

const NOBODY = 65_534

describe('the data folder', () => {
  let place: string

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'rollcall-place-'))
    chmodSync(place, 0o755)
  })

  afterEach(() => {
    rmSync(place, { recursive: true, force: true })
  })

  it('is made with all folders above it, and is left as it is when it is there', () => {
    const path = join(place, 'a', 'b', 'c')
    new DataFolder(path).create()
    writeFileSync(join(path, 'kept'), '')
    new DataFolder(path).create()
    expect(statSync(join(path, 'kept')).isFile()).toBe(true)
    expect(statSync(path).mode & 0o077).toBe(process.getuid?.() === 0 ? 0o011 : 0)
  })

  it('may be a link to a folder', () => {
    mkdirSync(join(place, 'real'))
    symlinkSync('real', join(place, 'link'))
    new DataFolder(join(place, 'link')).create()
  })

  it.each([
    ['is a file', 'file', 'used', 'file is not a folder'],
    ['lies below a file', 'file/data', 'made', 'not a directory'],
    ['is a link to nothing', 'link', 'made', 'file already exists'],
    ['is not ours', 'closed', 'used', 'permission denied'],
    ['lies in a folder that is not ours', 'closed/data/more', 'made', 'permission denied'],
    ['lies in a folder we must not look into', 'dark/data', 'made', 'permission denied'],
  ])('is refused in plain words when it %s', (_, name, verb, why) => {
    writeFileSync(join(place, 'file'), '')
    symlinkSync('nothing', join(place, 'link'))
    mkdirSync(join(place, 'closed'), { mode: 0o555 })
    mkdirSync(join(place, 'dark'), { mode: 0o600 })
    const path = join(place, name)
    expect(refusal(path)).toMatch(
      new RegExp(
        `^The data folder ${path} cannot be ${verb} \\(.*${why}\\)\\. Set DATA_DIR to a folder you may write to\\.$`,
      ),
    )
  })

  it('is refused where the file system takes no folders, instead of being tried for ever', () => {
    expect(refusal('/proc/rollcall/data')).toMatch(
      /^The data folder \/proc\/rollcall\/data cannot be made \(\w.*\)/,
    )
  })

  /** What an ordinary user is told; nothing is closed to root. */
  function refusal(path: string): string {
    const isRoot = process.geteuid?.() === 0 && !path.startsWith('/proc')
    if (isRoot) process.seteuid?.(NOBODY)
    try {
      new DataFolder(path).create()
      return 'was made'
    } catch (error) {
      expect(error).toMatchObject({ exitCode: 2 })
      return (error as Error).message
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  }
})
