import { isJsonObject, type JsonObject, type JsonValue } from '../../kernel/index.js'
import { failRow, textProblem } from './row-refusal.js'

/** Levels of objects and arrays, the metadata object itself being the first. */
const MAX_DEPTH = 32
/** Keys and array items of one row's metadata, all levels together. */
const MAX_ENTRIES = 5_000
/** Characters of one row's metadata, keys and values together. */
const MAX_SIZE = 262_144
/** Names that mean something to JavaScript objects: refused, because dropping them silently would lose data. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

interface Place {
  readonly path: string
  readonly depth: number
  readonly value: JsonValue
}

/** Refuses metadata that could not be stored exactly or that is out of all proportion. Never recurses. */
export function checkMetadata(metadata: JsonObject, maxLength: number): void {
  const open: Place[] = [{ path: 'metadata', depth: 1, value: metadata }]
  let entries = 0
  let size = 0
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const children = childrenOf(place, maxLength)
    open.push(...children)
    entries += children.length
    size += sizeOf(place)
    if (entries > MAX_ENTRIES) refuse('metadata', `must not have more than ${String(MAX_ENTRIES)} entries`)
    if (size > MAX_SIZE) refuse('metadata', `must not be longer than ${String(MAX_SIZE)} characters`)
  }
}

function childrenOf({ path, depth, value }: Place, maxLength: number): Place[] {
  if (typeof value === 'string') checkString(path, value, maxLength)
  if (typeof value === 'number') checkNumber(path, value)
  if (typeof value !== 'object' || value === null) return []
  if (depth > MAX_DEPTH) refuse(shorten(path), `must not be nested deeper than ${String(MAX_DEPTH)} levels`)
  if (Object.keys(value).length > MAX_ENTRIES)
    refuse('metadata', `must not have more than ${String(MAX_ENTRIES)} entries`)
  return Array.isArray(value)
    ? value.map((item, index) => ({ path: `${path}[${String(index)}]`, depth: depth + 1, value: item }))
    : Object.entries(value).map(([key, item]) => {
        checkKey(path, key, maxLength)
        return { path: `${path}.${key}`, depth: depth + 1, value: item }
      })
}

function sizeOf({ value }: Place): number {
  if (typeof value === 'string') return value.length
  return isJsonObject(value) ? Object.keys(value).reduce((sum, key) => sum + key.length, 0) : 0
}

function checkKey(path: string, key: string, maxLength: number): void {
  if (FORBIDDEN_KEYS.has(key)) refuse(shorten(path), `must not have the key ${key}`)
  const problem = textProblem(key, maxLength)
  if (problem !== undefined) refuse(shorten(path), `has a key that ${problem}`)
}

function checkString(path: string, text: string, maxLength: number): void {
  const problem = textProblem(text, maxLength)
  if (problem !== undefined) refuse(shorten(path), problem)
}

/** JSON numbers beyond a double's exact range have already been rounded by the parser: better refused than wrong. */
function checkNumber(path: string, value: number): void {
  if (!Number.isFinite(value)) refuse(shorten(path), 'must be a number within the range of a double')
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    refuse(
      shorten(path),
      'must be a whole number between -9007199254740991 and 9007199254740991, or a string',
    )
  }
}

const refuse = (path: string, problem: string): never =>
  failRow('metadata_validation_failed', `Property .${path} ${problem}`)

/** Never ends with half of a surrogate pair. */
const shorten = (path: string): string =>
  path.length > 200 ? `${path.slice(0, 200).replace(/[\ud800-\udbff]$/, '')}…` : path
