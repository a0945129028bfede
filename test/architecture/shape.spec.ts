import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const CLONE = join(__dirname, '..', '..')
const SRC = join(CLONE, 'src')

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

it('The files that tools and people look for in a clone are there', () => {
  const expected = [
    'README.md',
    'LICENSE',
    'SECURITY.md',
    'nest-cli.json',
    'ormconfig.ts',
    'tsconfig.json',
    '.env.example',
  ]
  expect(expected.filter((name) => !existsSync(join(CLONE, name)))).toEqual([])
})

describe('The sources', () => {
  it('are built on the libraries that were decided on', () => {
    const libraries = [
      '@nestjs/core',
      '@nestjs/cqrs',
      '@nestjs/bull',
      'bull',
      'typeorm',
      'pg',
      'class-validator',
      '@nestjs/passport',
      'passport-http-bearer',
    ]
    expect(libraries.filter((name) => importersOf(name).length === 0)).toEqual([])
  })

  it('never let TypeORM change the schema by itself', () => {
    const synchronizing = sources.filter((path) => /synchronize:\s*true/.test(readFileSync(path, 'utf8')))
    expect(synchronizing).toEqual([])
  })
})

/** All documents of the clone. */
const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'].concat(
  readdirSync(join(CLONE, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
)

describe('The documents', () => {
  const linksOf = (document: string): string[] =>
    [...readFileSync(join(CLONE, document), 'utf8').matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)]
      .map(([, target]) => target ?? '')
      .filter((target) => !/^[a-z]+:/.test(target))

  it.each(documents)('link to files that are there: %s', (document) => {
    const links = linksOf(document)
    expect(links.filter((target) => !existsSync(join(CLONE, dirname(document), target)))).toEqual([])
  })
})
