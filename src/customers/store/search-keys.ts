import { type CustomerDocument } from '../domain/customer-document.js'

/** What lists can be filtered by, besides times. */
export const SEARCHED = ['email', 'city', 'name'] as const
export type Searched = (typeof SEARCHED)[number]

/** What a customer can be found by; undefined or null when it has no such thing. */
export const SEARCHED_TEXT: Record<Searched, (document: CustomerDocument) => string | null | undefined> = {
  email: ({ email }) => email,
  city: ({ address }) => address?.city,
  name: ({ name }) => name,
}

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
const seeds = { projectId: '', email: 0, city: 0, name: 0 }

function seedOf(projectId: string, part: Searched): number {
  if (seeds.projectId !== projectId) {
    seeds.projectId = projectId
    for (const each of SEARCHED) seeds[each] = hash(`${projectId}:${each}:`, FNV_OFFSET)
  }
  return seeds[part]
}
