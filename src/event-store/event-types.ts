import { type JsonObject } from '../kernel/index.js'

/** Turns the data of an event as one schema version wrote it into that of the next. Pure. */
export type Upcaster = (data: JsonObject) => JsonObject

/**
 * The stored names of a module's events, each with the upcasters that lead from schema version 1 to the current
 * one: none means that version 1 is current. A name is a constant for ever, whatever the code calls its type.
 */
export type EventTypes = Readonly<Record<string, readonly Upcaster[]>>

/** Knows every event type that this release can read. */
export class EventTypeRegistry {
  private readonly upcasters = new Map<string, readonly Upcaster[]>()

  /** Adds a module's event types; two modules may not claim the same name. */
  register(types: EventTypes): void {
    for (const [type, upcasters] of Object.entries(types)) {
      if (this.upcasters.has(type)) throw new Error(`The event type ${type} is registered twice.`)
      this.upcasters.set(type, upcasters)
    }
  }

  currentVersion(type: string): number {
    return this.upcastersOf(type).length + 1
  }

  /** The data in its current shape; refuses what only a newer release could read. */
  upcast(type: string, schemaVersion: number, data: JsonObject): JsonObject {
    if (schemaVersion > this.currentVersion(type)) {
      throw new Error(`${type} has schema version ${schemaVersion}: a newer release wrote it.`)
    }
    return this.upcastersOf(type)
      .slice(schemaVersion - 1)
      .reduce((current, upcast) => upcast(current), data)
  }

  private upcastersOf(type: string): readonly Upcaster[] {
    const upcasters = this.upcasters.get(type)
    if (upcasters === undefined) throw new Error(`The event type ${type} is not registered.`)
    return upcasters
  }
}
