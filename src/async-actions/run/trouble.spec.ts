import { VersionConflictError } from '../../event-store/index.js'
import { UnreadablePayloadError } from './chunk-handler.js'
import { Trouble } from './trouble.js'

const conflict = new VersionConflictError()
const deadlock = Object.assign(new Error('deadlock'), { code: '40P01' })
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
    ['deadlocks', deadlock, 50],
    ['faults of the system', fault, 3],
  ])('because of %s is hopeless when there are too many in a row', (_, error, most) => {
    expect(after(...times(most, error)).isHopeless).toBe(false)
    expect(after(...times(most + 1, error)).isHopeless).toBe(true)
  })

  it('is never hopeless because PostgreSQL is away, however long', () => {
    expect(after(...times(10_000, outage)).isHopeless).toBe(false)
  })

  it('is hopeless at once when the rows cannot be read', () => {
    expect(after(new UnreadablePayloadError()).isHopeless).toBe(true)
  })

  it('counts as a fault neither a lost race nor an outage', () => {
    expect(after(conflict, deadlock, outage).faults).toBe(0)
    expect(after(conflict, fault, outage, fault).faults).toBe(2)
  })

  it('counts all of it, for the pause before the next attempt', () => {
    expect(after(conflict, fault, outage, fault).count).toBe(4)
  })

  it('is forgotten as soon as a chunk takes effect', () => {
    const trouble = after(...times(50, conflict), ...times(3, fault), outage)
    trouble.forget()
    expect([trouble.count, trouble.faults]).toEqual([0, 0])
    for (const error of times(50, conflict)) trouble.note(error)
    expect(trouble.isHopeless).toBe(false)
  })
})
