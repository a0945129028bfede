import { type JsonObject, type JsonValue } from '../../kernel/index.js'
import { failRow, textProblem } from './row-refusal.js'

/** Levels of objects and arrays, the metadata object itself being the first. */
const MAX_DEPTH = 32
/** Keys of the metadata object itself. To merge one key into 1,000 takes about half a millisecond. */
const MAX_KEYS = 1_000
/** Keys and array items of metadata, all levels together. */
const MAX_ENTRIES = 5_000
/** Characters of metadata, keys and values together. */
const MAX_SIZE = 262_144
/** Names that mean something to JavaScript objects: refused, because dropping them silently would lose data. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

/** An object or array that is still to be looked into. */
interface Place {
  readonly path: string
  readonly depth: number
  readonly value: JsonObject | JsonValue[]
}

/** Refuses metadata that could not be stored exactly or that is out of all proportion. Never recurses. */
export function checkMetadata(metadata: JsonObject, maxLength: number): void {
  if (Object.keys(metadata).length > MAX_KEYS)
    refuse('metadata', `must not have more than ${String(MAX_KEYS)} keys at its first level`)
  const open: Place[] = [{ path: 'metadata', depth: 1, value: metadata }]
  let entries = 0
  let size = 0
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const keys = Object.keys(place.value)
    entries += keys.length
    if (entries > MAX_ENTRIES) refuse('metadata', `must not have more than ${String(MAX_ENTRIES)} entries`)
    for (const key of keys) size += checkEntry(place, key, maxLength, open)
    if (size > MAX_SIZE) refuse('metadata', `must not be longer than ${String(MAX_SIZE)} characters`)
  }
}

/**
 * Refuses what would make a customer's metadata larger than one row's may be. Were it to grow from request to request,
 * each change of the customer would take longer than the one before, and in the end a chunk of them for ever.
 */
export function checkMerged(current: JsonObject, changes: JsonObject): void {
  const kept = Object.keys(current).filter((key) => !Object.hasOwn(changes, key))
  const changed = Object.keys(changes)
  const weight = { entries: kept.length + changed.length, size: 0 }
  refuseIf(weight.entries > MAX_KEYS, `${String(MAX_KEYS)} keys at its first level`)
  for (const key of kept) weigh(key, current[key], weight)
  for (const key of changed) weigh(key, changes[key], weight)
  refuseIf(weight.entries > MAX_ENTRIES, `${String(MAX_ENTRIES)} entries`)
  refuseIf(weight.size > MAX_SIZE, `${String(MAX_SIZE)} characters`)
}

/** May recurse: the depth of what is kept was checked when it came. */
function weigh(key: string, value: JsonValue | undefined, weight: { entries: number; size: number }): void {
  weight.size += key.length
  if (typeof value === 'string') weight.size += value.length
  if (typeof value !== 'object' || value === null) return
  const isArray = Array.isArray(value)
  for (const [name, part] of Object.entries(value)) {
    weight.entries++
    weigh(isArray ? '' : name, part, weight)
  }
}

function refuseIf(tooMuch: boolean, limit: string): void {
  if (tooMuch) refuse('metadata', `must not have more than ${limit}, with what the customer has already`)
}

/** Checks one entry, or leaves it open when it has entries of its own; returns the characters it takes. */
function checkEntry(place: Place, key: string, maxLength: number, open: Place[]): number {
  const isArray = Array.isArray(place.value)
  const value = (place.value as JsonObject)[key]
  if (!isArray) checkKey(place, key, maxLength)
  if (typeof value === 'string') {
    const problem = textProblem(value, maxLength)
    if (problem !== undefined) refuse(pathOf(place, key), problem)
    return (isArray ? 0 : key.length) + value.length
  }
  if (typeof value === 'number') checkNumber(place, key, value)
  else if (typeof value === 'object' && value !== null) open.push(placeOf(place, key, value))
  return isArray ? 0 : key.length
}

function placeOf(place: Place, key: string, value: JsonObject | JsonValue[]): Place {
  const path = pathOf(place, key)
  if (place.depth === MAX_DEPTH) refuse(path, `must not be nested deeper than ${String(MAX_DEPTH)} levels`)
  return { path, depth: place.depth + 1, value }
}

function checkKey(place: Place, key: string, maxLength: number): void {
  if (FORBIDDEN_KEYS.has(key)) refuse(place.path, `must not have the key ${key}`)
  const problem = textProblem(key, maxLength)
  if (problem !== undefined) refuse(place.path, `has a key that ${problem}`)
}

/** JSON numbers beyond a double's exact range have already been rounded by the parser: better refused than wrong. */
function checkNumber(place: Place, key: string, value: number): void {
  if (!Number.isFinite(value)) refuse(pathOf(place, key), 'must be a number within the range of a double')
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    const range = 'a whole number between -9007199254740991 and 9007199254740991, or a string'
    refuse(pathOf(place, key), `must be ${range}`)
  }
}

/** Put together only when it is needed: for what is nested, and for what is refused. */
const pathOf = ({ path, value }: Place, key: string): string =>
  Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`

const refuse = (path: string, problem: string): never =>
  failRow('metadata_validation_failed', `Property .${shorten(path)} ${problem}`)

/** Never ends with half of a surrogate pair. */
const shorten = (path: string): string =>
  path.length > 200 ? `${path.slice(0, 200).replace(/[\ud800-\udbff]$/, '')}…` : path
