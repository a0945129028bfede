import { type RowFailure } from '../../kernel/index.js'

const MESSAGES = {
  invalid_payload: 'Invalid payload',
  invalid_customer: 'Invalid customer',
  metadata_validation_failed: 'Metadata validation failed',
} as const

/** Ends the reading of one row; the other rows go on. */
export class RowRefusal extends Error {
  constructor(readonly failure: RowFailure) {
    super(failure.details)
  }
}

export function failRow(key: keyof typeof MESSAGES, details: string): never {
  throw new RowRefusal({ key, message: MESSAGES[key], details })
}

export function wrongType(property: string, expected: string): never {
  return failRow('invalid_payload', `Property .${property} must be ${expected}`)
}

/** What PostgreSQL's text cannot hold exactly is refused, never changed: NUL and halves of surrogate pairs. */
export function textProblem(text: string, maxLength: number): string | undefined {
  if (text.length > maxLength && isLonger(text, maxLength))
    return `must not be longer than ${String(maxLength)} characters`
  if (text.includes('\0')) return 'must not contain the character U+0000'
  if (!text.isWellFormed()) return 'must be well-formed Unicode (it has half of a surrogate pair)'
  return undefined
}

export function checkText(property: string, text: string, maxLength: number): void {
  const problem = textProblem(text, maxLength)
  if (problem !== undefined) failRow('invalid_customer', `Property .${property} ${problem}`)
}

/** A code point takes one or two UTF-16 units: counting them is needed only in between. */
const isLonger = (text: string, maxLength: number): boolean =>
  text.length > 2 * maxLength || Array.from(text).length > maxLength
