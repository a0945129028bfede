import { type Instant, instantOfText, plusDays } from '../../kernel/index.js'

/** The last instant that "until" means: of a date without a time its last microsecond. */
export function lastInstantOf(text: string): Instant | undefined {
  const instant = instantOfText(text)
  return instant === undefined || text.includes('T') ? instant : plusDays(instant, 1) - 1
}
