import { createHash } from 'node:crypto'

/** Anybody can make up an id that leads to a number which PostgreSQL does not take for a version. */
const isVersion = (version: number): boolean => version > 0 && version < 2 ** 31

const hexOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What hides the version in an id, so that ids of one customer do not look like numbers. */
const maskOf = (customerId: string): number => Number.parseInt(hexOf(customerId).slice(0, 8), 16)

/**
 * `evcus_` and 18 hex digits: always the same for one event, made from nothing but its place. The first eight lead
 * back to the version, so that a cursor is found without reading the customer's history.
 */
export function activityIdOf(customerId: string, version: number): string {
  const place = ((version ^ maskOf(customerId)) >>> 0).toString(16).padStart(8, '0')
  return `evcus_${place}${hexOf(`${customerId}@${String(version)}`).slice(0, 10)}`
}

/** The version of the customer's event that an id stands for; undefined when it is none of this customer's. */
export function versionOf(customerId: string, activityId: string): number | undefined {
  if (!/^evcus_[0-9a-f]{18}$/.test(activityId)) return undefined
  const version = (Number.parseInt(activityId.slice(6, 14), 16) ^ maskOf(customerId)) >>> 0
  return isVersion(version) && activityIdOf(customerId, version) === activityId ? version : undefined
}
