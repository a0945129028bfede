export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject
export interface JsonObject {
  [key: string]: JsonValue
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Same value, whatever the order of keys. */
export function sameJson(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  if (one === other) return true
  if (Array.isArray(one)) return Array.isArray(other) && sameItems(one, other)
  return isJsonObject(one) && isJsonObject(other) && sameEntries(one, other)
}

function sameItems(one: JsonValue[], other: JsonValue[]): boolean {
  return one.length === other.length && one.every((item, index) => sameJson(item, other[index]))
}

function sameEntries(one: JsonObject, other: JsonObject): boolean {
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && sameJson(one[key], other[key]))
  )
}

/** Gives an object a property of its own, whatever it is called: assigned, `__proto__` would be its prototype. */
export function setOwn(object: object, key: string, value: JsonValue | undefined): void {
  if (key === '__proto__') Object.defineProperty(object, key, { ...ORDINARY, value })
  else (object as Partial<JsonObject>)[key] = value
}

const ORDINARY = { configurable: true, enumerable: true, writable: true } as const
