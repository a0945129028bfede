/** `npm start`: makes the clone ready, then brings everything up and stays until it is told to stop. */
import { acquireLock } from './lock.mjs'
import { prepare } from './prepare.mjs'

try {
  await prepare()
  const { launch } = await import('../dist/launcher/main.js')
  process.exitCode = await launch({ acquireLock })
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
