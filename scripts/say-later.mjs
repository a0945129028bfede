/**
 * For something that is waited for and looked at again and again: calls `say` once, at the first look that comes
 * `milliseconds` or more after the first. A wait that is over sooner is nobody's business.
 */
export function sayLater(milliseconds, say, now = Date.now) {
  let first
  let said = false
  return (...what) => {
    first ??= now()
    if (said || now() - first < milliseconds) return
    said = true
    say(...what)
  }
}
