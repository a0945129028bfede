/**
 * `npm test`: makes the clone ready and runs every test on servers of its own (test/support/global-setup.ts).
 * Arguments are passed on to jest. The last line on stdout is always `N passed, N failed`.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CLONE, prepare } from './prepare.mjs'

const NOTHING_RAN = { passed: 0, failed: 1 }

const { passed, failed } = await runTests()
process.exitCode = failed === 0 ? 0 : 1
console.log(`${passed} passed, ${failed} failed`)

async function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-results-'))
  try {
    await prepare()
    const results = join(folder, 'results.json')
    const clean = await runJest(['--json', '--outputFile', results, ...process.argv.slice(2)])
    return existsSync(results) ? count(JSON.parse(readFileSync(results, 'utf8')), clean) : NOTHING_RAN
  } catch (error) {
    console.error(error.message)
    return NOTHING_RAN
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Resolves to whether jest was content. Its report on stdout (`--json`) is read from the file instead. */
function runJest(args) {
  // The official client imports packages when it first needs them, which jest only allows with this flag.
  const jest = join(CLONE, 'node_modules', 'jest', 'bin', 'jest.js')
  const child = spawn(process.execPath, ['--experimental-vm-modules', jest, ...args], {
    cwd: CLONE,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const passOn = (signal) => child.kill(signal)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, passOn)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code === 0))
  })
}

/** A suite that could not even run is a failure, and so is whatever else made jest unhappy, or no test at all. */
function count({ numPassedTests, numFailedTests, numRuntimeErrorTestSuites }, clean) {
  const failed = numFailedTests + numRuntimeErrorTestSuites
  const unexplained = failed === 0 && (!clean || numPassedTests === 0)
  return { passed: numPassedTests, failed: unexplained ? 1 : failed }
}
