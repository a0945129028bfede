import { type JsonObject, type JsonValue, sameJson } from '../../kernel/index.js'

/** Text attributes of a customer, in the order in which they are shown. `birthday` is independent of `birthdate`. */
export const TEXT_ATTRIBUTES = ['name', 'description', 'email', 'phone', 'birthday', 'birthdate'] as const
export type TextAttribute = (typeof TEXT_ATTRIBUTES)[number]

export const ADDRESS_KEYS = ['city', 'state', 'line_1', 'line_2', 'country', 'postal_code'] as const
export type AddressKey = (typeof ADDRESS_KEYS)[number]
/** Holds the keys that were ever set; one that was set to null stays visible with it. */
export type Address = Partial<Record<AddressKey, string | null>>

/** What is known of a customer. Absent attributes were never set, or were cleared. */
export type CustomerDocument = Partial<Record<TextAttribute, string>> & {
  readonly address: Address | null
  readonly metadata?: JsonObject
}

/** What a request wants to be different: null clears an attribute, an absent one stays as it is. */
export type CustomerChanges = Partial<Record<TextAttribute, string | null>> & {
  address?: Address | null
  metadata?: JsonObject | null
}

export const EMPTY_DOCUMENT: CustomerDocument = { address: null }

/** The part of the changes that makes a difference; undefined when none does. */
export function effectiveChanges(
  document: CustomerDocument,
  wanted: CustomerChanges,
): CustomerChanges | undefined {
  const changes: CustomerChanges = {}
  for (const attribute of TEXT_ATTRIBUTES) {
    const value = wanted[attribute]
    if (value !== undefined && value !== (document[attribute] ?? null)) changes[attribute] = value
  }
  const address = changedEntries<Address>(document.address, wanted.address)
  if (address !== undefined) changes.address = address
  const metadata = changedEntries<JsonObject>(document.metadata, wanted.metadata)
  if (metadata !== undefined) changes.metadata = metadata
  return Object.keys(changes).length > 0 ? changes : undefined
}

/** The document after changes: address and metadata are merged key by key, deeper values replaced. */
export function applyChanges(document: CustomerDocument, changes: CustomerChanges): CustomerDocument {
  const next: Record<string, unknown> = { ...document }
  for (const attribute of TEXT_ATTRIBUTES) {
    const value = changes[attribute]
    if (value === null) Reflect.deleteProperty(next, attribute)
    else if (value !== undefined) next[attribute] = value
  }
  if (changes.address !== undefined) {
    next['address'] = changes.address && { ...document.address, ...changes.address }
  }
  if (changes.metadata === null) delete next['metadata']
  else if (changes.metadata !== undefined) next['metadata'] = { ...document.metadata, ...changes.metadata }
  return next as CustomerDocument
}

/** Of the wanted entries those that are new or different; null when the whole object is to be cleared. */
function changedEntries<T extends Partial<Record<string, JsonValue>>>(
  current: T | null | undefined,
  wanted: T | null | undefined,
): T | null | undefined {
  if (wanted === undefined) return undefined
  if (wanted === null) return current ? null : undefined
  const changed = Object.entries(wanted).filter(
    ([key, value]) => !(current && Object.hasOwn(current, key) && sameJson(current[key], value)),
  )
  return changed.length > 0 ? (Object.fromEntries(changed) as T) : undefined
}
