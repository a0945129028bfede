import { Injectable } from '@nestjs/common'
import { type JsonValue } from '../../kernel/index.js'
import { type Subject } from '../domain/erase-outcomes.js'

/** A stored chunk as it lies there, and what it says. */
export interface StoredContent {
  readonly text: string
  readonly content: JsonValue
}

/**
 * Takes a subject out of a stored chunk: every row that names it is replaced by something that the operation's chunk
 * handler turns into a failed row, so that no row is lost and nobody comes back. Other rows keep their place
 * and mean what they meant. The answer is the text of the chunk without the subject, undefined when no row names it.
 */
export type PayloadEraser = (stored: StoredContent, subject: Subject) => string | undefined

/** Only who cut a chunk knows what is in it: every operation has one eraser, registered by the module that owns it. */
@Injectable()
export class PayloadErasers {
  private readonly erasers = new Map<string, PayloadEraser>()

  register(operation: string, eraser: PayloadEraser): void {
    if (this.erasers.has(operation)) throw new Error(`${operation} has two payload erasers.`)
    this.erasers.set(operation, eraser)
  }

  /** Throws when there is none: to leave a person's rows where they are would be worse than to refuse. */
  eraserOf(operation: string): PayloadEraser {
    const eraser = this.erasers.get(operation)
    if (eraser === undefined) throw new Error(`Nobody knows how to erase rows of ${operation}.`)
    return eraser
  }
}
