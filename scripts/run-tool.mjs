import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/**
 * Runs a tool in a folder and waits for it; all it prints goes to stderr. A signal that ends us meanwhile is
 * passed on, and we leave only after the tool has: an orphan would go on writing while the next start works.
 */
export async function runTool(command, args, { cwd, failure }) {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 2, 2] })
  let received
  const passOn = (signal) => {
    received = signal
    child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, passOn)
  const code = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${failure} (${command}: ${error.message})`)))
    child.once('exit', (exitCode, signal) => resolve(exitCode ?? signal))
  })
  for (const signal of signals) process.off(signal, passOn)
  if (received) process.exit(128 + constants.signals[received])
  if (code !== 0) throw new Error(`${failure} (${[command, ...args].join(' ')} ended with ${code})`)
}
