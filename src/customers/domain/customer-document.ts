import { type JsonObject, type JsonValue, sameJson, setOwn } from '../../kernel/index.js'

/** Text attributes of a customer, in the order in which they are shown. `birthday` is independent of `birthdate`. */
export const TEXT_ATTRIBUTES = ['name', 'description', 'email', 'phone', 'birthday', 'birthdate'] as const
export type TextAttribute = (typeof TEXT_ATTRIBUTES)[number]

export const ADDRESS_KEYS = ['city', 'state', 'line_1', 'line_2', 'country', 'postal_code'] as const
export type AddressKey = (typeof ADDRESS_KEYS)[number]
/** Holds the keys that were ever set; one that was set to null stays visible with it. */
export type Address = Partial<Record<AddressKey, string | null>>

/** What is known of a customer. Absent attributes were never set, or were cleared. */
export type CustomerDocument = Partial<Record<TextAttribute, string | undefined>> & {
  readonly address: Address | null
  readonly metadata?: JsonObject | undefined
}

/** What a request wants to be different: null clears an attribute, an absent one stays as it is. */
export type CustomerChanges = Readonly<Partial<Record<TextAttribute, string | null | undefined>>> & {
  readonly address?: Address | null | undefined
  readonly metadata?: JsonObject | null | undefined
}

export const EMPTY_DOCUMENT: CustomerDocument = { address: null }

/** The part of the changes that makes a difference; undefined when none does. What is the same is left out. */
export function effectiveChanges(
  document: CustomerDocument,
  wanted: CustomerChanges,
): CustomerChanges | undefined {
  const changes = {
    name: difference(document.name, wanted.name),
    description: difference(document.description, wanted.description),
    email: difference(document.email, wanted.email),
    phone: difference(document.phone, wanted.phone),
    birthday: difference(document.birthday, wanted.birthday),
    birthdate: difference(document.birthdate, wanted.birthdate),
    address: changedEntries<Address>(document.address, wanted.address),
    metadata: changedEntries<JsonObject>(document.metadata, wanted.metadata),
  }
  return isNothing(changes) ? undefined : changes
}

/** Asked of every row, written out like what it asks of. */
const isNothing = (changes: CustomerChanges): boolean =>
  changes.name === undefined &&
  changes.description === undefined &&
  changes.email === undefined &&
  changes.phone === undefined &&
  changes.birthday === undefined &&
  changes.birthdate === undefined &&
  changes.address === undefined &&
  changes.metadata === undefined

const difference = (
  current: string | undefined,
  wanted: string | null | undefined,
): string | null | undefined => (wanted === (current ?? null) ? undefined : wanted)

/**
 * The document after changes: address and metadata are merged key by key, deeper values replaced. Written out, like
 * the changes, so that all have one shape in memory: built key by key they took most of a worker's time.
 */
export function applyChanges(document: CustomerDocument, changes: CustomerChanges): CustomerDocument {
  return {
    name: changed(document.name, changes.name),
    description: changed(document.description, changes.description),
    email: changed(document.email, changes.email),
    phone: changed(document.phone, changes.phone),
    birthday: changed(document.birthday, changes.birthday),
    birthdate: changed(document.birthdate, changes.birthdate),
    address: changes.address === undefined ? document.address : merged(document.address, changes.address),
    metadata:
      changes.metadata === undefined
        ? document.metadata
        : (merged(document.metadata, changes.metadata) ?? undefined),
  }
}

const changed = (current: string | undefined, change: string | null | undefined): string | undefined =>
  change === undefined ? current : (change ?? undefined)

const merged = <T extends object>(current: T | null | undefined, changes: T | null): T | null =>
  changes && current ? { ...current, ...changes } : changes

/** Of the wanted entries those that are new or different; null when the whole object is to be cleared. */
function changedEntries<T extends Partial<Record<string, JsonValue>>>(
  current: T | null | undefined,
  wanted: T | null | undefined,
): T | null | undefined {
  if (wanted === undefined) return undefined
  if (wanted === null) return current ? null : undefined
  const keys = Object.keys(wanted)
  if (!current) return keys.length > 0 ? wanted : undefined
  const changed: Partial<Record<string, JsonValue>> = {}
  let count = 0
  for (const key of keys) {
    if (isSame(current, wanted, key)) continue
    setOwn(changed, key, wanted[key])
    count++
  }
  if (count === 0) return undefined
  return count === keys.length ? wanted : (changed as T)
}

const isSame = <T extends Partial<Record<string, JsonValue>>>(current: T, wanted: T, key: string): boolean =>
  Object.hasOwn(current, key) && sameJson(current[key], wanted[key])
