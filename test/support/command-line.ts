import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

const CLONE = join(__dirname, '..', '..')

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command of `npm run rollcall` on a database; it can be killed before it has ended. */
export function startCommand(
  databaseUrl: string,
  ...args: string[]
): { kill: () => void; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [join(CLONE, 'scripts', 'rollcall.mjs'), ...args], {
    cwd: CLONE,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const end = async (): Promise<Ended> => {
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ])
    return { status, stdout, stderr }
  }
  return {
    // With all that it started: in a group of its own.
    kill: () => process.kill(-(child.pid ?? 0), 'SIGKILL'),
    ended: end(),
  }
}

export const runCommand = (databaseUrl: string, ...args: string[]): Promise<Ended> =>
  startCommand(databaseUrl, ...args).ended
