import { GetReportHandler, GetReportQuery } from '../../src/async-actions/report/get-report.query.js'
import { ReportLinks } from '../../src/async-actions/report/report-links.js'
import { Settings } from '../../src/config/index.js'
import { PublicAddress } from '../../src/http/index.js'
import { RequestError } from '../../src/kernel/index.js'
import { beginWithNotes, type TestRunner } from '../support/runner.factory.js'
import { type TestStore } from '../support/test-store.factory.js'

let store: TestStore
let rig: TestRunner
let projectId: string

beginWithNotes(
  (notes) => {
    ;({ store, rig, projectId } = notes)
  },
  { publicUrl: 'http://rollcall' },
)

const HEADER = 'source_id,found,updated,key,message,details\r\n'

async function finished(...chunks: string[][]): Promise<string> {
  const id = await rig.schedule(projectId, chunks)
  await rig.worker().ring()
  return id
}

/** Opens the report as its link does. */
async function open(id: string): Promise<AsyncIterator<string>> {
  const links = new ReportLinks(store.database, rig.settings, new PublicAddress(rig.settings))
  const token = new URL(await links.linkTo(projectId, id)).searchParams.get('token') ?? ''
  const handler = new GetReportHandler(store.database, links)
  const pieces = await handler.execute(new GetReportQuery('v-1', id, '1', token, false))
  return pieces[Symbol.asyncIterator]()
}

async function rest(pieces: AsyncIterator<string>): Promise<string> {
  const piece = await pieces.next()
  return piece.done ? '' : piece.value + (await rest(pieces))
}

const expire = (id: string): Promise<unknown> =>
  store.query(`UPDATE async_actions SET reports_available_till = 'epoch' WHERE id = $1`, [id])

describe('The link to a report', () => {
  const linksWith = (keys: Pick<Settings, 'reportSigningKey' | 'reportSigningKeyBefore'>): ReportLinks => {
    const settings = Object.assign(new Settings(), rig.settings, keys)
    return new ReportLinks(store.database, settings, new PublicAddress(settings))
  }
  const tokenOf = async (links: ReportLinks): Promise<string> =>
    new URL(await links.linkTo(projectId, 'aa_1')).searchParams.get('token') ?? ''
  const first = '1'.repeat(32)
  const second = '2'.repeat(32)
  const third = '3'.repeat(32)

  it('goes on working when the key that signed it is the one before', async () => {
    const token = await tokenOf(linksWith({ reportSigningKey: first }))
    const after = linksWith({ reportSigningKey: second, reportSigningKeyBefore: first })
    expect(await after.projectOf('aa_1', token)).toBe(projectId)
    expect(await after.projectOf('aa_2', token)).toBeUndefined()
  })

  it('is signed with the new key from then on', async () => {
    const token = await tokenOf(linksWith({ reportSigningKey: second, reportSigningKeyBefore: first }))
    expect(await linksWith({ reportSigningKey: first }).projectOf('aa_1', token)).toBeUndefined()
    expect(await linksWith({ reportSigningKey: second }).projectOf('aa_1', token)).toBe(projectId)
  })

  it('stops working with the second change, and when a key takes the place of the random one', async () => {
    const token = await tokenOf(linksWith({ reportSigningKey: first }))
    const later = linksWith({ reportSigningKey: third, reportSigningKeyBefore: second })
    expect(await later.projectOf('aa_1', token)).toBeUndefined()
    expect(await later.projectOf('aa_1', await tokenOf(linksWith({})))).toBeUndefined()
  })
})

describe('The download of a report', () => {
  it('has the header and the lines of all chunks in order', async () => {
    const id = await finished(['a', 'b'], ['c'], ['d'])
    expect(await rest(await open(id))).toBe(
      `${HEADER}a,false,true,,,\r\nb,false,true,,,\r\nc,false,true,,,\r\nd,false,true,,,\r\n`,
    )
  })

  it('goes on to its end when the report expires meanwhile', async () => {
    const id = await finished(['a'], ['b'])
    const pieces = await open(id)
    expect(await pieces.next()).toEqual({ done: false, value: HEADER })
    await expire(id)
    expect(await rest(pieces)).toBe('a,false,true,,,\r\nb,false,true,,,\r\n')
    await expect(open(id)).rejects.toMatchObject({ status: 404 })
    await expect(open(id)).rejects.toThrow(RequestError)
  })

  it('fails when the lines of a chunk are missing, instead of ending as if it were whole', async () => {
    const id = await finished(['a'], ['b'], ['c'])
    await store.query('DELETE FROM async_action_reports WHERE async_action_id = $1 AND chunk = 2', [id])
    await expect(open(id).then(rest)).rejects.toThrow(`The report of ${id} has no lines of chunk 2.`)
  })

  it('of an action that ended FAILED has the chunks that took effect', async () => {
    const id = await rig.schedule(projectId, [['a'], ['b']])
    await store.query('DELETE FROM async_action_payloads WHERE async_action_id = $1 AND chunk = 1', [id])
    await rig.worker().ring()
    expect((await rig.action(id)).status).toBe('FAILED')
    expect(await rest(await open(id))).toBe(`${HEADER}a,false,true,,,\r\n`)
  })

  it('is not to be had before the action has ended', async () => {
    await expect(open(await rig.schedule(projectId))).rejects.toMatchObject({ status: 404 })
  })
})
