import { ApiClient } from '../load/api-client.js'
import { duration, type Fault } from './fault.js'

const LARGEST_BODY = 10_485_760
const AT_ONCE = 5

/** What clients do, and what happens to them. */
export const CLIENT_FAULTS: readonly Fault[] = [
  {
    name: 'connections of clients cut',
    inflict: async (scene) => {
      for (let time = 0; time < 3; time++) {
        scene.random.pick(scene.stage.apis).http?.cut()
        await scene.hold(scene.random.between(10, 500))
      }
    },
  },
  {
    name: 'clients slow',
    inflict: async (scene) => {
      const { http } = scene.random.pick(scene.stage.apis)
      http?.slow(scene.random.between(20, 200))
      await scene.hold(duration(scene))
      http?.heal()
    },
  },
  {
    name: 'bodies of 10 MB that are wrong at the end',
    inflict: async (scene) => {
      const [project] = scene.stage.projects
      if (project === undefined) return
      const client = new ApiClient(scene.stage.addresses, project, scene.history)
      const body = wrongAtTheEnd()
      const call = { method: 'POST', path: '/v1/customers/bulk/async', body }
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => client.try(call)))
      for (const answer of answers)
        if (answer && answer.status !== 400)
          scene.history.complain(`A body that is no JSON got ${answer.status}`)
    },
  },
  {
    name: 'a host cut off',
    needs: 'network namespaces',
    inflict: async (scene) => {
      const { host } = scene.random.pick(scene.stage.actors)
      host.unplug?.()
      await scene.hold(duration(scene))
      host.plug?.()
    },
  },
]

function wrongAtTheEnd(): Buffer {
  const row = `{"source_id":"wrong","name":"${'x'.repeat(200)}"},`
  const rows = Math.floor((LARGEST_BODY - 2) / row.length)
  return Buffer.from(`[${row.repeat(rows)}`)
}
