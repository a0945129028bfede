/** Is awaited only later, or not at all: until then a failure must not count as unhandled. */
export function watched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
