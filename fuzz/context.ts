import { type Launcher } from '../rig/compiled.js'
import { type Servers } from '../rig/servers.js'
import { type Options } from './options.js'

/** What every part of the bench works with. */
export interface Context {
  readonly clone: string
  readonly options: Options
  readonly launcher: Launcher
  readonly servers: Servers
  readonly signal: AbortSignal
}
