import { Logger } from '@nestjs/common'
import { forLog } from '../../database/index.js'
import { type Lane, type Lanes } from './lanes.js'

const logger = new Logger('LeaseKeeper')

/** A lane that stays ours for as long as this process is alive and PostgreSQL can be reached. */
export interface KeptLease {
  /** Aborted when the lane turned out to be another's. */
  readonly lost: AbortSignal
  end(): void
}

/**
 * Renews the lease of a lane three times within its duration, however long a chunk takes. A process that is
 * stopped or stuck stops renewing, and its lane goes to another.
 */
export function keepLease(lanes: Lanes, lane: Lane, leaseMs: number): KeptLease {
  const lost = new AbortController()
  const renew = async (): Promise<void> => {
    try {
      if (!(await lanes.renew(lane))) lost.abort()
    } catch (error) {
      logger.warn(`The lease of project ${lane.projectId} could not be renewed: ${forLog(error)}`)
    }
  }
  const timer = setInterval(() => void renew(), leaseMs / 3)
  return {
    lost: lost.signal,
    end: () => {
      clearInterval(timer)
    },
  }
}
