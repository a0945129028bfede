import { type Project } from '../stage/stage.js'

/** One row as it is sent. */
export interface SentRow {
  readonly source_id: string
  readonly name: unknown
  readonly metadata: Record<string, number>
}

/** What becomes of a row: it takes effect, is refused, or is given up because the system fails on it. */
export type Fate = 'applied' | 'refused' | 'given up'

/** A status that a client saw. */
export interface Seen {
  readonly status: string
  readonly progress: number
}

/** A bulk request, as its client knows it. Times are those of one steady clock, in milliseconds. */
export interface BulkRequest {
  readonly kind: 'bulk'
  readonly name: string
  readonly project: Project
  readonly rows: readonly SentRow[]
  readonly fates: readonly Fate[]
  readonly sentAt: number
  /** Whether it is sent again until it is answered, under an Idempotency-Key. */
  readonly isKeyed: boolean
  /** Answered with a refusal: it must not have been carried out. */
  isRefused?: true
  acceptedAt?: number
  actionId?: string
  /** Every status that was seen, in the order of asking. */
  readonly seen: Seen[]
  /** When it was first seen to have ended. */
  endedAt?: number
  /** Its report at that moment. */
  report?: string
}

/** A customer written by itself. */
export interface SingleWrite {
  readonly kind: 'single'
  readonly name: string
  readonly project: Project
  readonly sourceId: string
  readonly sentAt: number
  /** Answered that there is no such customer: it must not have been carried out. */
  isRefused?: true
  /** Unset when no answer came: then it may have taken effect, or not. */
  acknowledgedAt?: number
}

export type Write = BulkRequest | SingleWrite

/** All that clients did and saw in one run, and what they never should have seen. */
export class History {
  readonly bulks: BulkRequest[] = []
  readonly singles: SingleWrite[] = []
  readonly problems: string[] = []
  /** Answers by status; 0 for none at all. */
  readonly answers = new Map<number, number>()

  bulksOf({ projectId }: Project): BulkRequest[] {
    return this.bulks.filter(({ project }) => project.projectId === projectId)
  }

  singlesOf({ projectId }: Project): SingleWrite[] {
    return this.singles.filter(({ project }) => project.projectId === projectId)
  }

  /** Something that must never happen; a few of a kind are enough. */
  complain(problem: string): void {
    this.problems.push(problem)
  }

  count(status: number): void {
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1)
  }
}
