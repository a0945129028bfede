import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as actionEvents from '../../src/async-actions/domain/async-action.events.js'
import type * as actionsProjection from '../../src/async-actions/rebuild/async-actions-projection.js'
import type * as customer from '../../src/customers/domain/customer.js'
import type * as customerEvents from '../../src/customers/domain/customer.events.js'
import type * as customersProjection from '../../src/customers/rebuild/customers-projection.js'
import type * as database from '../../src/database/index.js'
import type * as eventStore from '../../src/event-store/index.js'
import type * as kernel from '../../src/kernel/index.js'
import type * as projections from '../../src/projections/index.js'

/** A build to put to the test: that of the clone, or a mutant of it. */
export type Build = ReturnType<typeof loadBuild>

/** What the checker and the reader of the log use of a build, from the folder that has its main.js. */
export function loadBuild(folder: string) {
  const require = createRequire(join(folder, 'main.js'))
  return {
    folder,
    main: join(folder, 'main.js'),
    ...(require('./async-actions/domain/async-action.events.js') as typeof actionEvents),
    ...(require('./async-actions/rebuild/async-actions-projection.js') as typeof actionsProjection),
    ...(require('./customers/domain/customer.js') as typeof customer),
    ...(require('./customers/domain/customer.events.js') as typeof customerEvents),
    ...(require('./customers/rebuild/customers-projection.js') as typeof customersProjection),
    ...(require('./database/index.js') as typeof database),
    ...(require('./event-store/index.js') as typeof eventStore),
    ...(require('./kernel/index.js') as typeof kernel),
    ...(require('./projections/index.js') as typeof projections),
  }
}
