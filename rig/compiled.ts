import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as database from '../src/database/index.js'
import type * as child from '../src/launcher/children/child.js'
import type * as dataFolder from '../src/launcher/data-folder/data-folder.js'
import type * as embeddedPostgres from '../src/launcher/postgres/embedded-postgres.js'
import type * as serviceLogin from '../src/launcher/postgres/service-login.js'
import type * as embeddedRedis from '../src/launcher/redis/embedded-redis.js'
import type * as findRedis from '../src/launcher/redis/find-redis.js'
import type * as freePort from '../src/launcher/free-port.js'
import type * as stopList from '../src/launcher/stop-list.js'
import type * as stopSignals from '../src/launcher/stop-signals.js'
import type * as projects from '../src/projects/index.js'

export type Launcher = ReturnType<typeof loadLauncher>

/** What `npm start` is made of, as it was built: the bench measures the very processes that users run. */
export function loadLauncher(clone: string) {
  const require = createRequire(join(clone, 'dist', 'main.js'))
  return {
    ...(require('./launcher/children/child.js') as typeof child),
    ...(require('./launcher/data-folder/data-folder.js') as typeof dataFolder),
    ...(require('./launcher/postgres/embedded-postgres.js') as typeof embeddedPostgres),
    ...(require('./launcher/postgres/service-login.js') as typeof serviceLogin),
    ...(require('./launcher/redis/embedded-redis.js') as typeof embeddedRedis),
    ...(require('./launcher/redis/find-redis.js') as typeof findRedis),
    ...(require('./launcher/free-port.js') as typeof freePort),
    ...(require('./launcher/stop-list.js') as typeof stopList),
    ...(require('./launcher/stop-signals.js') as typeof stopSignals),
    ...(require('./database/index.js') as typeof database),
    ...(require('./projects/index.js') as typeof projects),
  }
}
