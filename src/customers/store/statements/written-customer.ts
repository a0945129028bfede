import { type CustomerDocument } from '../../domain/customer-document.js'
import { type ChangedCustomer } from '../../domain/decide-rows.js'
import { type KnownCustomer } from '../../domain/customer.js'

/** A customer that stays, as its row is to be. */
export type WrittenCustomer = ChangedCustomer & { readonly state: KnownCustomer }

/** A document as it is stored: without an address there is none in it. */
export const storedDocument = ({ state: { document } }: WrittenCustomer): string =>
  JSON.stringify(document.address === null ? withoutAddress(document) : document)

const withoutAddress = (document: CustomerDocument): object => ({ ...document, address: undefined })

export const idOf = ({ id }: ChangedCustomer): string => id

export const loadedVersionOf = ({ loadedVersion }: ChangedCustomer): number => loadedVersion

export const placeOf = ({ place }: ChangedCustomer): number => place

export const versionOf = ({ loadedVersion, events }: ChangedCustomer): number => loadedVersion + events.length

export const createdAt = ({ events }: ChangedCustomer): number => events[0]?.occurredAt ?? 0

/** When its last event happened; null when that is the one that created it. */
export const changedAt = ({ loadedVersion, events }: ChangedCustomer): number | null =>
  loadedVersion + events.length > 1 ? (events[events.length - 1]?.occurredAt ?? null) : null
