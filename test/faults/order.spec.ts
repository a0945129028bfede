import { expectInvariants } from '../support/invariants.js'
import { Rollcall } from '../support/rollcall.js'

describe('several workers', () => {
  let rollcall: Rollcall

  beforeEach(async () => {
    rollcall = await Rollcall.start({ workers: 3, env: { CHUNK_BYTES: '4000' } })
  })
  afterEach(() => rollcall.stop())

  const filler = (round: number, count: number) =>
    Array.from({ length: count }, (_, n) => ({ source_id: `filler-${n}`, description: `round ${round}` }))

  it('run the actions of a project first come, first served', async () => {
    const ids: string[] = []
    for (let round = 0; round < 12; round++) {
      const mark = { source_id: 'marked', name: `round ${round}`, metadata: { [`k${round}`]: round } }
      ids.push(await rollcall.bulk([...filler(round, round % 2 ? 5 : 400), mark]))
    }
    for (;;) {
      // Asked newest first, so that no honest state looks out of order.
      const states: string[] = []
      for (const id of ids.toReversed()) states.unshift((await rollcall.action(id)).status)
      const ranks = states.map((status) => ['DONE', 'IN_PROGRESS', 'ENQUEUED'].indexOf(status))
      expect(ranks).toEqual(ranks.toSorted((one, other) => one - other))
      expect(states.filter((status) => status === 'IN_PROGRESS').length).toBeLessThan(2)
      if (states.every((status) => status === 'DONE')) break
    }
    const { body } = await rollcall.call('GET', '/v1/customers/marked')
    expect(body).toMatchObject({ name: 'round 11' })
    expect(body['metadata']).toEqual(Object.fromEntries(ids.map((_, round) => [`k${round}`, round])))
    await expectInvariants(rollcall)
  })

  it('do not let one project wait for another', async () => {
    const other = await rollcall.projects.create('other')
    const long = await rollcall.bulk(filler(0, 40_000))
    const short = await rollcall.bulk([{ source_id: 'quick' }], other)
    const ofShort = await rollcall.finished(short, other)
    const ofLong = await rollcall.finished(long)
    expect([ofShort.status, ofLong.status]).toEqual(['DONE', 'DONE'])
    // By PostgreSQL's clock, and not by who was asked first: a slow test process sees both only when they are done.
    expect(Date.parse(ofShort.updated_at)).toBeLessThan(Date.parse(ofLong.updated_at))
    await expectInvariants(rollcall)
  })

  it('serve more projects than they have lanes, each in its order', async () => {
    const projects = await Promise.all(
      Array.from({ length: 10 }, (_, n) => rollcall.projects.create(`p${n}`)),
    )
    const sent: { id: string; project: (typeof projects)[number] }[] = []
    for (let round = 0; round < 4; round++) {
      await Promise.all(
        projects.map(async (project) =>
          sent.push({ id: await rollcall.bulk(filler(round, 50), project), project }),
        ),
      )
    }
    for (const { id, project } of sent)
      expect(await rollcall.finished(id, project)).toMatchObject({ status: 'DONE' })
    await expectInvariants(rollcall)
  })
})
