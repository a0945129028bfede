import { isJsonObject, type JsonObject } from '../../kernel/index.js'
import {
  type Address,
  ADDRESS_KEYS,
  type CustomerChanges,
  TEXT_ATTRIBUTES,
  type TextAttribute,
} from './customer-document.js'
import { checkMetadata } from './metadata.js'
import { checkText, failRow, type RowFailure, RowRefusal, wrongType } from './row-refusal.js'

/** Longest texts that a row may hold, in characters (code points). */
export interface RowLimits {
  readonly maxSourceIdLength: number
  readonly maxStringLength: number
}

/** One item of a request: what it wants of which customer, or why it cannot be applied. */
export interface CustomerRow {
  readonly sourceId: string
  readonly changes?: CustomerChanges
  readonly failure?: RowFailure
}

/**
 * Reads one item of a bulk request, whose envelope has been checked: an object with a `source_id` text.
 * Keys that are not a customer's are ignored, whatever they hold.
 */
export function readCustomerRow(item: JsonObject, limits: RowLimits): CustomerRow {
  const sourceId = item['source_id'] as string
  try {
    checkText('source_id', sourceId, limits.maxSourceIdLength)
    return { sourceId, changes: readChanges(item, limits.maxStringLength) }
  } catch (refusal) {
    if (refusal instanceof RowRefusal) return { sourceId, failure: refusal.failure }
    throw refusal
  }
}

function readChanges(item: JsonObject, maxLength: number): CustomerChanges {
  const changes: CustomerChanges = {}
  for (const attribute of TEXT_ATTRIBUTES) {
    const value = readText(attribute, item[attribute], maxLength)
    if (value !== undefined) changes[attribute] = isDate(attribute) ? readDate(attribute, value) : value
  }
  const { address, metadata } = item
  if (address !== undefined) changes.address = readAddress(address, maxLength)
  if (metadata !== undefined) changes.metadata = readMetadata(metadata, maxLength)
  return changes
}

function readText(property: string, value: unknown, maxLength: number): string | null | undefined {
  if (typeof value === 'string') checkText(property, value, maxLength)
  else if (value !== undefined && value !== null) wrongType(property, 'string,null')
  return value
}

function readAddress(value: unknown, maxLength: number): Address | null {
  if (value === null) return null
  if (!isJsonObject(value)) return wrongType('address', 'object,null')
  const address: Address = {}
  for (const key of ADDRESS_KEYS) {
    const part = readText(`address.${key}`, value[key], maxLength)
    if (part !== undefined) address[key] = part
  }
  return address
}

function readMetadata(value: unknown, maxLength: number): JsonObject | null {
  if (value === null) return null
  if (!isJsonObject(value)) return wrongType('metadata', 'object,null')
  checkMetadata(value, maxLength)
  return value
}

const isDate = (attribute: TextAttribute): boolean => attribute === 'birthday' || attribute === 'birthdate'

const DATE_OR_DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?)?$/

/** Clients send a date or a date-time; the date is what is kept. */
function readDate(property: string, value: string | null): string | null {
  if (value === null) return null
  const [, year = '', month = '', day = ''] = DATE_OR_DATE_TIME.exec(value) ?? []
  if (!isCalendarDay(Number(year), Number(month), Number(day))) {
    failRow(
      'invalid_customer',
      `Property .${property} must be a calendar date (YYYY-MM-DD) or an ISO 8601 date-time`,
    )
  }
  return `${year}-${month}-${day}`
}

function isCalendarDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(2000, month - 1, day))
  date.setUTCFullYear(year, month - 1, day)
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}
