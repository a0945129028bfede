import { spawnSync } from 'node:child_process'

/** The machine that a process runs on: this one, or a network namespace that is as good as another. */
export interface Host {
  /** What starts a program there. */
  readonly prefix: readonly string[]
  /** Where its programs listen. */
  readonly address: string
  /** Where they find what is on this machine. */
  readonly gateway: string
  /** Takes its cable out, and puts it in again. */
  readonly unplug?: () => void
  readonly plug?: () => void
  readonly remove: () => void
}

const LOOPBACK = '127.0.0.1'

export const THIS_HOST: Host = {
  prefix: [],
  address: LOOPBACK,
  gateway: LOOPBACK,
  remove: () => undefined,
}

/** Whether this user may make network namespaces, and `ip` is there to do it. */
export function canMakeHosts(): boolean {
  const name = `rollcall-${process.pid}-try`
  if (!ip('netns', 'add', name)) return false
  return ip('netns', 'delete', name)
}

/** A host of its own behind a cable, in a network of two addresses that nobody else knows. */
export function makeHost(number: number): Host {
  const name = `rollcall-${process.pid}-${number}`
  const [here, there] = [`rc${process.pid % 100_000}h${number}`, `rc${process.pid % 100_000}n${number}`]
  const [gateway, address] = [`10.213.${number}.1`, `10.213.${number}.2`]
  const inside = (...command: string[]): void => {
    must('netns', 'exec', name, 'ip', ...command)
  }
  must('netns', 'add', name)
  must('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name)
  must('address', 'add', `${gateway}/30`, 'dev', here)
  must('link', 'set', here, 'up')
  inside('address', 'add', `${address}/30`, 'dev', there)
  inside('link', 'set', there, 'up')
  inside('link', 'set', 'lo', 'up')
  return {
    prefix: ['ip', 'netns', 'exec', name],
    address,
    gateway,
    unplug: () => {
      must('link', 'set', here, 'down')
    },
    plug: () => {
      must('link', 'set', here, 'up')
    },
    remove: () => {
      ip('link', 'delete', here)
      must('netns', 'delete', name)
    },
  }
}

const ip = (...args: string[]): boolean => spawnSync('ip', args).status === 0

function must(...args: string[]): void {
  const { status, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${error?.message ?? stderr}`)
}
