import {
  EventStore,
  type EventTypes,
  type NewEvent,
  type RecordedEvent,
} from '../../src/event-store/index.js'

export const AT = Date.UTC(2026, 0, 31) * 1000

/** An event store that knows the given types. */
export function eventStoreOf(types: EventTypes): EventStore {
  const store = new EventStore()
  store.register(types)
  return store
}

export const happened = (data: object = {}, type = 'ThingHappened'): NewEvent => ({
  type,
  data,
  occurredAt: AT,
})

/** The stream and version of events, in short. */
export const placesOf = (events: readonly RecordedEvent[]): string[] =>
  events.map(({ streamId, version }) => `${streamId}@${String(version)}`)
