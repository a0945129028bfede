import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks of /proc/<pid>/stat in a second; 100 on every Linux that Node.js runs on. */
const TICKS = 100
/** Fields of /proc/<pid>/stat after the command's name, which may hold anything. */
const FIELD = { parent: 1, user: 11, system: 12, childrenUser: 13, childrenSystem: 14 } as const

/** Seconds of CPU that a process has used so far, with the children it has waited for. NaN where there is no /proc. */
export function cpuOf(pid: number | undefined): number {
  return cpuIn(pid === undefined ? undefined : statOf(pid))
}

/** The same of a process and all its living children: PostgreSQL with its backends. */
export function cpuOfFamily(pid: number): number {
  const children = processes().flatMap((id) => {
    const stat = statOf(id)
    return Number(stat?.[FIELD.parent]) === pid ? [cpuIn(stat)] : []
  })
  return children.reduce((sum, cpu) => sum + cpu, cpuOf(pid))
}

export interface Memory {
  readonly rss: number
  readonly pss: number
}

/** Memory of a process in bytes, undefined when it cannot be read. */
export function memoryOf(pid: number | undefined): Memory | undefined {
  try {
    const text = readFileSync(`/proc/${pid ?? 0}/smaps_rollup`, 'utf8')
    const bytes = (name: string): number =>
      Number(new RegExp(`^${name}: *(\\d+) kB`, 'm').exec(text)?.[1]) * 1024
    return { rss: bytes('Rss'), pss: bytes('Pss') }
  } catch {
    return undefined
  }
}

/** The most resident memory in bytes that a process ever had, or since its peak was forgotten. */
export function peakRssOf(pid: number | undefined): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8')
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(text)?.[1]) * 1024
  } catch {
    return undefined
  }
}

function cpuIn(stat: string[] | undefined): number {
  const { user, system, childrenUser, childrenSystem } = FIELD
  return [user, system, childrenUser, childrenSystem].reduce(
    (sum, field) => sum + Number(stat?.[field]) / TICKS,
    0,
  )
}

function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

function processes(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
}
