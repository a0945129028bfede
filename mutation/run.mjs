import { Stryker } from '@stryker-mutator/core'
import { readFileSync } from 'node:fs'
import { GROUPS } from './groups.mjs'

/** So much of what is changed must be noticed. */
const LEAST_PERCENT = 85
/** Mutants of these kinds of outcome were noticed, or not. */
const NOTICED = ['Killed', 'Timeout']
const MISSED = ['Survived', 'NoCoverage']

export const HELP = `npm run mutation -- [group …]

Changes the validators one place at a time and sees whether their tests notice. Groups: ${GROUPS.map(({ name }) => name).join(', ')} (all).
It takes the better part of an hour, names every change that was missed, and ends with 0 when ${LEAST_PERCENT} % were noticed.`

/** Changes validators one place at a time; resolves with whether enough of it was noticed. */
export async function run(names) {
  const unknown = names.find((name) => !GROUPS.some((group) => group.name === name))
  if (unknown !== undefined) throw new Error(`There is no group ${unknown}; --help names them.`)
  const results = []
  for (const group of GROUPS.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const { mutants } = await mutate(group)
    for (const mutant of mutants.filter(({ status }) => MISSED.includes(status)))
      console.log(describe(mutant))
    results.push({ name: group.name, mutants })
  }
  const all = results.flatMap(({ mutants }) => mutants)
  console.log(`\n${table([...results, { name: 'all', mutants: all }])}`)
  return percentOf(all) >= LEAST_PERCENT
}

async function mutate({ name, mutate, tests }) {
  console.error(`── ${name}`)
  const stryker = new Stryker({
    mutate,
    packageManager: 'npm',
    testRunner: 'jest',
    plugins: ['@stryker-mutator/jest-runner'],
    jest: {
      configFile: 'mutation/jest.config.cjs',
      config: { roots: tests.map((folder) => `<rootDir>/${folder}`) },
      enableFindRelatedTests: false,
    },
    coverageAnalysis: 'perTest',
    ignorePatterns: ['/bench', '/dist', '/docs', '/faults', '/fuzz', '/.data*', '/.prepare'],
    tempDirName: '.prepare/mutation',
    cleanTempDir: 'always',
    reporters: ['progress'],
    warnings: { slow: false },
    allowConsoleColors: false,
  })
  return { name, mutants: await stryker.runMutationTest() }
}

const count = (mutants, kinds) => mutants.filter(({ status }) => kinds.includes(status)).length

function percentOf(mutants) {
  const noticed = count(mutants, NOTICED)
  return (100 * noticed) / (noticed + count(mutants, MISSED))
}

/** Where it is, and what was put there. */
function describe({ fileName, location, mutatorName, replacement, status }) {
  const { line, column } = location.start
  const before = readFileSync(fileName, 'utf8').split('\n')[line - 1].trim()
  const after = replacement.replace(/\s+/g, ' ').slice(0, 60)
  return `${fileName}:${line}:${column} ${mutatorName} ${status}: ${after}   in   ${before}`
}

function table(groups) {
  const rows = groups.map(({ name, mutants }) => {
    const noticed = count(mutants, NOTICED)
    const missed = count(mutants, MISSED)
    return `| ${name} | ${noticed + missed} | ${noticed} | ${missed} | ${percentOf(mutants).toFixed(1)} % |`
  })
  return [
    '| Validators of | Mutants | Noticed | Missed | Noticed |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}
