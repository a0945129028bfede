import { VersionConflictError } from '../../event-store/index.js'
import { UnreadablePayloadError } from './chunk-handler.js'
import { Trouble } from './trouble.js'

const conflict = new VersionConflictError()
const deadlock = Object.assign(new Error('deadlock'), { code: '40P01' })
const timeout = Object.assign(new Error('canceling statement'), { code: '57014' })
const outage = Object.assign(new Error('shutdown'), { code: '57P01' })
const fault = new Error('division by zero')

function after(...errors: Error[]): Trouble {
  const trouble = new Trouble()
  for (const error of errors) trouble.note(error)
  return trouble
}

const times = (count: number, error: Error): Error[] => Array.from({ length: count }, () => error)

describe('Trouble with an action', () => {
  it('is not hopeless before anything happened', () => {
    expect(after().isHopeless).toBe(false)
    expect(after().count).toBe(0)
  })

  it.each([
    ['races lost', conflict, 50],
    ['faults of the system', fault, 3],
    ['timeouts', timeout, 100],
  ])('because of %s is hopeless when there are too many in a row', (_, error, most) => {
    expect(after(...times(most, error)).isHopeless).toBe(false)
    expect(after(...times(most + 1, error)).isHopeless).toBe(true)
  })

  it.each([
    ['PostgreSQL is away', outage],
    ['others lock what it needs', deadlock],
  ])('is never hopeless because %s, however long', (_, error) => {
    expect(after(...times(10_000, error)).isHopeless).toBe(false)
  })

  it('calls for single rows after two faults, or three timeouts', () => {
    expect(after(fault, timeout, timeout, ...times(9, conflict)).callsForSingleRows).toBe(false)
    expect(after(fault, conflict, fault).callsForSingleRows).toBe(true)
    expect(after(...times(3, timeout)).callsForSingleRows).toBe(true)
  })

  it('is hopeless at once when the rows cannot be read', () => {
    expect(after(new UnreadablePayloadError()).isHopeless).toBe(true)
  })

  it('is contention once a race was lost', () => {
    expect(after(deadlock, outage, fault).isContended).toBe(false)
    expect(after(conflict).isContended).toBe(true)
  })

  it('counts all of it, for the pause before the next attempt', () => {
    expect(after(conflict, fault, outage, fault).count).toBe(4)
  })

  it.each([
    [0, 1, 'is nothing special'],
    [2, 4, 'calls for seclusion'],
    [5, 19, 'calls for seclusion and single rows'],
    [20, 99, 'is deadly, and calls for both'],
  ])('after %i to %i lost workers %s', (from, to) => {
    for (const lost of [from, to]) {
      const trouble = new Trouble(lost)
      expect([trouble.callsForSeclusion, trouble.callsForSingleRows, trouble.isDeadly]).toEqual([
        from >= 2,
        from >= 5,
        from >= 20,
      ])
    }
  })

  it('is not made worse by what workers survive: that has limits of its own', () => {
    const trouble = new Trouble(19)
    for (const error of [...times(3, fault), ...times(50, conflict), outage]) trouble.note(error)
    expect([trouble.isDeadly, trouble.isHopeless]).toEqual([false, false])
  })

  it('is forgotten as soon as a chunk takes effect', () => {
    const trouble = new Trouble(19)
    for (const error of [...times(50, conflict), ...times(3, fault), outage]) trouble.note(error)
    trouble.forget()
    expect(trouble.callsForSeclusion).toBe(false)
    expect([trouble.count, trouble.callsForSingleRows]).toEqual([0, false])
    for (const error of times(50, conflict)) trouble.note(error)
    expect(trouble.isHopeless).toBe(false)
  })
})
