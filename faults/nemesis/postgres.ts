import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { findDifferences } from '../check/rebuild.js'
import { ApiClient } from '../load/api-client.js'
import { type CommitFate } from '../stage/proxy.js'
import { type Actor } from '../stage/stage.js'
import { duration, type Fault, type Scene } from './fault.js'

/** From when PostgreSQL takes connections again. */
const BACK = 10_000

const anyone = ({ stage, random }: Scene): Actor => random.pick(stage.actors)

/** Everything that can happen to PostgreSQL and on the way to it. */
export const POSTGRES_FAULTS: readonly Fault[] = [
  {
    name: 'PostgreSQL crashes',
    recoversWithin: BACK,
    inflict: async ({ stage: { servers } }) => {
      await servers.crashPostgres()
      await servers.postgres.start()
    },
  },
  {
    name: 'PostgreSQL stopped',
    recoversWithin: BACK,
    inflict: async (scene) => {
      const { postgres } = scene.stage.servers
      await postgres.stop()
      await expectOutage(scene)
      await scene.hold(duration(scene))
      await postgres.start()
    },
  },
  disturbing('answer to COMMIT lost', 'answer lost'),
  disturbing('COMMIT arrives after its connection broke', 'late'),
  {
    name: 'connections terminated',
    inflict: async ({ stage }) => {
      await stage.admin.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.5`,
      )
    },
  },
  {
    name: 'connections to PostgreSQL cut',
    inflict: (scene) => {
      anyone(scene).postgres.cut()
      return Promise.resolve()
    },
  },
  {
    name: 'PostgreSQL out of reach',
    inflict: async (scene) => {
      const { postgres } = anyone(scene)
      postgres.refuse()
      await scene.hold(duration(scene))
      postgres.heal()
    },
  },
  {
    name: 'PostgreSQL slow',
    inflict: async (scene) => {
      const { postgres } = anyone(scene)
      postgres.slow(scene.random.between(20, 200))
      await scene.hold(duration(scene))
      postgres.heal()
    },
  },
  {
    name: 'connections to PostgreSQL half-open',
    inflict: async (scene) => {
      const { postgres } = anyone(scene)
      postgres.freeze()
      await scene.hold(duration(scene))
      // Whoever cut them does not tell: what was on the way never arrives.
      postgres.cut()
      postgres.heal()
    },
  },
  {
    name: 'long transaction elsewhere',
    inflict: async (scene) => {
      const client = new Client({ connectionString: scene.stage.servers.postgres.url })
      client.on('error', () => undefined) // PostgreSQL may crash meanwhile
      await client.connect()
      await client.query('BEGIN; SELECT pg_current_xact_id()')
      await scene.hold(duration(scene))
      await client.end()
    },
  },
  { name: 'projections rebuilt under load', inflict: rebuild },
  {
    name: 'disk full',
    needs: 'mounting a disk',
    inflict: async (scene) => {
      const { disk } = scene.stage.servers
      if (disk === undefined) return
      try {
        disk.fill()
        await scene.hold(duration(scene))
      } finally {
        disk.empty()
      }
    },
  },
]

/** Not a fault of anybody, and nothing may come of it. */
async function rebuild({ stage, history }: Scene): Promise<void> {
  const { build } = stage.options
  try {
    for (const difference of await findDifferences(build, stage.databaseUrl)) history.complain(difference)
  } catch (error) {
    if (!build.isOutage(error)) throw error // another fault may have PostgreSQL just now
  }
}

/** The next transaction of somebody ends in an unusual way; a few times in a row. */
/** For a COMMIT of events to come by. */
const LONGEST_WAIT = 600
const LOOK_MS = 20

function disturbing(name: string, fate: CommitFate): Fault {
  return {
    name,
    inflict: async (scene) => {
      let hits = 0
      for (let time = 0; time < 5; time++) {
        const { postgres } = anyone(scene)
        postgres.disturbCommit(fate)
        for (let waited = 0; waited < LONGEST_WAIT && !postgres.hasDisturbed; waited += LOOK_MS)
          await scene.hold(LOOK_MS)
        if (postgres.hasDisturbed) hits++
        postgres.disturbCommit('ordinary')
      }
      return hits > 0 ? undefined : 'missed'
    },
  }
}

/** While PostgreSQL is away an API says so, soon and in plain words, and is not ready for more. */
async function expectOutage({ stage, history }: Scene): Promise<void> {
  const [project] = stage.projects
  if (project === undefined) return
  await Promise.all(
    stage.addresses.map(async (address) => {
      const response = await fetch(`${address}/health/ready`, { signal: AbortSignal.timeout(5_000) }).catch(
        () => undefined,
      )
      if (response?.status === 200) history.complain('An API says that it is ready, and PostgreSQL is away')
    }),
  )
  const client = new ApiClient(stage.addresses, project, history)
  const answer = await Promise.race([
    client.try({ path: '/v1/async-actions' }).then((got) => got?.status ?? 'none'),
    pause(10_000, 'nothing'),
  ])
  if (answer === 'nothing') history.complain('With PostgreSQL away a GET was not answered within 10 s')
}
