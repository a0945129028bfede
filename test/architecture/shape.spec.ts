import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

const CLONE = join(__dirname, '..', '..')
const SRC = join(CLONE, 'src')

interface Manifest {
  readonly dependencies: Record<string, string>
  readonly scripts: Record<string, string>
}

const manifest = JSON.parse(readFileSync(join(CLONE, 'package.json'), 'utf8')) as Manifest

/** The sources that are shipped: without the tests beside them. */
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((path) => join(SRC, path))
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))

/** What a source imports. */
const importsOf = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^(?:import|export)\s(?:[^'"]*?\sfrom\s)?'([^']+)'/gm)].map(
    ([, from]) => from ?? '',
  )

const imported = new Map(sources.map((path) => [relative(CLONE, path), importsOf(path)]))
const importersOf = (name: string): string[] =>
  [...imported]
    .filter(([, from]) => from.some((each) => each === name || each.startsWith(`${name}/`)))
    .map(([path]) => path)

describe('The clone', () => {
  it.each(['package.json', 'tsconfig.json', 'nest-cli.json', 'ormconfig.ts', 'README.md'])(
    'has a file %s',
    (name) => {
      expect(statSync(join(CLONE, name)).isFile()).toBe(true)
    },
  )

  it.each(['src', 'test'])('has a folder %s', (name) => {
    expect(statSync(join(CLONE, name)).isDirectory()).toBe(true)
  })

  it.each(['start', 'test'])('can be told to %s', (script) => {
    expect(manifest.scripts).toHaveProperty(script)
  })
})

describe('The sources', () => {
  it.each([
    '@nestjs/core',
    '@nestjs/cqrs',
    '@nestjs/bull',
    'bull',
    'typeorm',
    'pg',
    'class-validator',
    '@nestjs/passport',
    'passport-http-bearer',
  ])('are built on %s, which stands in package.json', (name) => {
    expect(manifest.dependencies).toHaveProperty([name])
    expect(importersOf(name)).not.toEqual([])
  })

  it('import TypeORM’s configuration for the command line nowhere', () => {
    const importers = [...imported].filter(([, from]) => from.some((each) => each.includes('ormconfig')))
    expect(importers).toEqual([])
  })

  it('never let TypeORM change the schema by itself', () => {
    const synchronizing = sources.filter((path) => /synchronize:\s*true/.test(readFileSync(path, 'utf8')))
    expect(synchronizing).toEqual([])
  })

  it('keep aggregates pure: no library, no clock, no chance', () => {
    const domain = sources.filter((path) => path.includes('/domain/'))
    expect(domain.length).toBeGreaterThan(5)
    for (const path of domain) {
      expect(importsOf(path).filter((from) => !from.startsWith('.'))).toEqual([])
      expect(readFileSync(path, 'utf8')).not.toMatch(
        /Date\.now|new Date\(\)|Math\.random|process\.|randomBytes|randomUUID/,
      )
    }
  })

  it('go the way that is told of them', () => {
    const walk = [
      ['customers/bulk-update/bulk-update.controller.ts', 'BulkUpdateCustomersCommand'],
      ['customers/bulk-update/bulk-update.command.ts', 'class BulkUpdateCustomersCommand'],
      ['async-actions/async-action.saga.ts', '@Saga()'],
      ['async-actions/async-action.saga.ts', 'AsyncActionScheduled'],
      ['async-actions/async-action.processor.ts', '@Processor('],
      ['customers/domain/customer.events.ts', 'CustomerUpserted'],
      ['customers/domain/customer.events.ts', 'CustomerUpdated'],
    ] as const
    for (const [path, word] of walk) {
      expect(existsSync(join(SRC, path))).toBe(true)
      expect(readFileSync(join(SRC, path), 'utf8')).toContain(word)
    }
  })
})
