import { CLIENT_CHECKLIST } from './client-checklist.js'
import { type Row } from './row.js'
import { SURPRISES } from './section-0-surprises.js'
import { COMMON } from './section-1-common.js'
import { BULK_UPDATE } from './section-2-bulk-update.js'
import { METADATA_UPDATE } from './section-3-metadata-update.js'
import { CSV_IMPORT } from './section-4-csv-import.js'
import { ASYNC_ACTIONS } from './section-5-async-actions.js'
import { REPORT } from './section-6-report.js'
import { CUSTOMERS } from './section-7-customers.js'
import { OAUTH } from './section-8-oauth.js'
import { QUEUE } from './section-9-queue.js'

/** Every rule of the contract that can be checked on a running server. */
export const ROWS: readonly Row[] = [
  ...SURPRISES,
  ...COMMON,
  ...BULK_UPDATE,
  ...METADATA_UPDATE,
  ...CSV_IMPORT,
  ...ASYNC_ACTIONS,
  ...REPORT,
  ...CUSTOMERS,
  ...OAUTH,
  ...QUEUE,
  ...CLIENT_CHECKLIST,
]
