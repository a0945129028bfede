import { isJsonObject, type JsonObject, type RowFailure } from '../../kernel/index.js'
import { type Address, ADDRESS_KEYS, type AddressKey, type CustomerChanges } from './customer-document.js'
import { checkMetadata } from './metadata.js'
import { checkText, failRow, RowRefusal, wrongType } from './row-refusal.js'

/** Longest texts that a row may hold, in characters (code points). */
export interface RowLimits {
  readonly maxSourceIdLength: number
  readonly maxStringLength: number
}

/** One item of a request: what it wants of which customer, or why it cannot be applied. */
export interface CustomerRow {
  /** Empty when the row names its customer by our id, or none at all. */
  readonly sourceId: string
  /** Our id of the customer, which goes before the `source_id` when there is such a customer. */
  readonly customerId?: string
  readonly changes?: CustomerChanges
  readonly failure?: RowFailure
}

/** Reads what an item wants of its customer; throws a {@link RowRefusal}. Keys that are not a customer's are ignored. */
export function readChanges(item: JsonObject, maxLength: number): CustomerChanges {
  return {
    name: readText('name', item['name'], maxLength),
    description: readText('description', item['description'], maxLength),
    email: readText('email', item['email'], maxLength),
    phone: readText('phone', item['phone'], maxLength),
    birthday: readDate('birthday', item['birthday'], maxLength),
    birthdate: readDate('birthdate', item['birthdate'], maxLength),
    address: readAddress(item['address'], maxLength),
    metadata: readMetadata(item['metadata'], maxLength),
  }
}

/**
 * Reads a customer that a request of its own is about. Our id goes before the `source_id`, which is then ignored; with
 * neither the row makes a new customer. Throws a {@link RowRefusal}.
 */
export function readCustomer(item: JsonObject, limits: RowLimits): CustomerRow {
  const changes = readChanges(item, limits.maxStringLength)
  const customerId = readId('id', item['id'], limits.maxSourceIdLength)
  if (customerId !== undefined) return { customerId, sourceId: '', changes }
  return { sourceId: readId('source_id', item['source_id'], limits.maxSourceIdLength) ?? '', changes }
}

function readId(property: string, value: unknown, maxLength: number): string | undefined {
  const id = readText(property, value, maxLength)
  if (id === '') failRow('invalid_payload', `Property .${property} must not be empty`)
  return id ?? undefined
}

/**
 * Reads one item of a bulk request, whose envelope has been checked: an object with a `source_id` text.
 */
export function readCustomerRow(item: JsonObject, limits: RowLimits): CustomerRow {
  const sourceId = item['source_id'] as string
  try {
    checkText('source_id', sourceId, limits.maxSourceIdLength)
    return { sourceId, changes: readChanges(item, limits.maxStringLength) }
  } catch (refusal) {
    return refusedRow({ sourceId }, refusal)
  }
}

/** What is left of a row that was refused; whatever else was thrown is thrown on. */
export function refusedRow(
  names: Pick<CustomerRow, 'sourceId' | 'customerId'>,
  thrown: unknown,
): CustomerRow {
  if (thrown instanceof RowRefusal) return { ...names, failure: thrown.failure }
  throw thrown
}

function readText(property: string, value: unknown, maxLength: number): string | null | undefined {
  if (typeof value === 'string') checkText(property, value, maxLength)
  else if (value !== undefined && value !== null) wrongType(property, 'string,null')
  return value
}

/** Made once: joined for every row, these names took longer than the checks. */
const ADDRESS_PROPERTIES = Object.fromEntries(ADDRESS_KEYS.map((key) => [key, `address.${key}`])) as Record<
  AddressKey,
  string
>

function readAddress(value: unknown, maxLength: number): Address | null | undefined {
  if (value === null || value === undefined) return value
  if (!isJsonObject(value)) return wrongType('address', 'object,null')
  const address: Address = {}
  for (const key of ADDRESS_KEYS) {
    const part = readText(ADDRESS_PROPERTIES[key], value[key], maxLength)
    if (part !== undefined) address[key] = part
  }
  return address
}

function readMetadata(value: unknown, maxLength: number): JsonObject | null | undefined {
  if (value === null || value === undefined) return value
  if (!isJsonObject(value)) return wrongType('metadata', 'object,null')
  checkMetadata(value, maxLength)
  return value
}

const DATE_OR_DATE_TIME =
  /^\d{4}-\d{2}-\d{2}(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?)?$/

/** Clients send a date or a date-time; the date is what is kept. */
function readDate(property: string, value: unknown, maxLength: number): string | null | undefined {
  const text = readText(property, value, maxLength)
  if (text === undefined || text === null) return text
  if (!DATE_OR_DATE_TIME.test(text) || !isCalendarDay(text)) {
    failRow(
      'invalid_customer',
      `Property .${property} must be a calendar date (YYYY-MM-DD) or an ISO 8601 date-time`,
    )
  }
  return text.slice(0, 10)
}

/** Whether a text that begins like YYYY-MM-DD begins with a day that there is. */
function isCalendarDay(text: string): boolean {
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))]
  return year > 0 && day > 0 && day <= daysOf(year, month)
}

function daysOf(year: number, month: number): number {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month === 2 && isLeapYear ? 29 : ([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0)
}
