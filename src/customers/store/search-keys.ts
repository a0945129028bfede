import { type CustomerChanges } from '../domain/customer-document.js'

/** What lists can be filtered by, besides times; first what is rarest. */
export const SEARCHED = ['email', 'name', 'city'] as const
export type Searched = (typeof SEARCHED)[number]

/** Numbers under which the customer shall be found to which an event gives these values. */
export const searchKeys = (
  projectId: string,
  { email, name, address }: CustomerChanges,
): (number | undefined)[] => [
  keyOf(projectId, 'email', email),
  keyOf(projectId, 'name', name),
  keyOf(projectId, 'city', address?.city),
]

const keyOf = (projectId: string, part: Searched, value: string | null | undefined): number | undefined =>
  typeof value === 'string' ? searchKey(projectId, part, value) : undefined

/**
 * A number of 32 bits for a value of a project: what the index holds instead of the value. Whoever finds by it must
 * compare the value itself, because two values may share a number (FNV-1a, over UTF-16 units).
 */
export function searchKey(projectId: string, part: Searched, value: string): number {
  return hash(value, seedOf(projectId, part))
}

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

function hash(text: string, seed: number): number {
  let value = seed
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), FNV_PRIME)
  return value
}

/** Project and part are the same for thousands of values: they are hashed once. */
const seeds = { projectId: '', email: 0, name: 0, city: 0 }

function seedOf(projectId: string, part: Searched): number {
  if (seeds.projectId !== projectId) {
    seeds.projectId = projectId
    for (const each of SEARCHED) seeds[each] = hash(`${projectId}:${each}:`, FNV_OFFSET)
  }
  return seeds[part]
}
