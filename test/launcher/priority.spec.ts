import { readdirSync, readFileSync } from 'node:fs'
import { constants, getPriority } from 'node:os'
import { BEHIND } from '../../src/priority/index.js'
import { Rollcall } from '../support/rollcall.js'

const { PRIORITY_NORMAL } = constants.priority

/** The priority of each thread of a process: proc_pid_stat(5), the 19th field. */
const prioritiesOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).map((thread) => {
    const [, fields = ''] = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ')
    return Number(fields.split(' ')[16])
  })

describe('What answers clients goes first', () => {
  let rollcall: Rollcall

  beforeAll(async () => {
    rollcall = await Rollcall.start()
  })
  afterAll(() => rollcall.stop())

  const apiPid = () => rollcall.apiPid
  const workerPid = () => rollcall.workers[0]?.pid ?? 0

  it('an API has the ordinary priority, a worker one below it', () => {
    expect(getPriority(apiPid())).toBe(PRIORITY_NORMAL)
    expect(BEHIND.worker).toBeGreaterThan(PRIORITY_NORMAL)
    expect(getPriority(workerPid())).toBe(BEHIND.worker)
  })

  it('of the threads of an API, those that cut requests have the lower one, and no others', async () => {
    await rollcall.bulk([{ source_id: 'a' }])
    if (process.platform !== 'linux') return // only there a thread has a priority of its own
    const lower = prioritiesOf(apiPid()).filter((priority) => priority !== PRIORITY_NORMAL)
    expect([...new Set(lower)]).toEqual([BEHIND.thread])
    expect(lower.length).toBeLessThanOrEqual(2)
  })
})
