import { type Options } from './options.js'
import { type Figure } from './report/figures.js'
import { type Launcher } from '../rig/compiled.js'
import { type Servers } from './system/servers.js'

/** What every part of the bench works with. */
export interface Context {
  readonly clone: string
  readonly options: Options
  readonly launcher: Launcher
  readonly servers: Servers
  readonly stopList: InstanceType<Launcher['StopList']>
  readonly signal: AbortSignal
}

/** What a part of the bench found out. */
export interface Findings {
  /** What people read. */
  readonly text: string
  /** What programs compare. */
  readonly figures: readonly Figure[]
  /** Every single measurement, for whoever wants to know more. */
  readonly details: unknown
  /** Why the figures may not be believed. */
  readonly problem?: string | undefined
}
