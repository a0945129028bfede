import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A user to run a process as. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL refuses to run as root; then it runs as `nobody`. Undefined means: as whoever we are. */
export function accountForPostgres(): Account | undefined {
  return process.getuid?.() === 0 ? findAccount('nobody') : undefined
}

/** The part of spawn's options that makes a process run as this account. */
export function runAs(account: Account | undefined): { uid?: number; gid?: number } {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid }
}

/** Whether the account gets at a path to read (`r`) or to run or pass through it (`x`): tried, not guessed. */
export function canReach(account: Account, path: string, right: 'r' | 'x'): boolean {
  const { status, error } = spawnSync('/bin/sh', ['-c', `test -${right} "$1"`, 'sh', path], {
    ...runAs(account),
    cwd: '/',
  })
  if (error) throw new Error(`Cannot run anything as ${account.name}: ${error.message}`)
  return status === 0
}

function findAccount(name: string): Account {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`))
  if (line === undefined) {
    throw new Error(
      `PostgreSQL does not run as root, and there is no user ${name} to run it as.\n` +
        'Start Rollcall as an ordinary user, or set DATABASE_URL to a PostgreSQL of yours.',
    )
  }
  const [, , uid, gid] = line.split(':')
  return { name, uid: Number(uid), gid: Number(gid) }
}
