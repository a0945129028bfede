import { type AddressKey, type TextAttribute } from './customer-document.js'

/** What the cells of a column are. */
export type CsvColumn =
  | { readonly kind: 'id' | 'source_id' }
  | { readonly kind: 'attribute'; readonly name: TextAttribute }
  | { readonly kind: 'address'; readonly name: AddressKey }
  | { readonly kind: 'metadata'; readonly name: string }

const attribute = (name: TextAttribute): CsvColumn => ({ kind: 'attribute', name })
const address = (name: AddressKey): CsvColumn => ({ kind: 'address', name })

/** Names in lower case. The parts of an address have a long name and, where customers' files use one, a short one. */
const STANDARD_COLUMNS = new Map<string, CsvColumn>([
  ['id', { kind: 'id' }],
  ['source_id', { kind: 'source_id' }],
  ['name', attribute('name')],
  ['description', attribute('description')],
  ['email', attribute('email')],
  ['phone', attribute('phone')],
  ['birthdate', attribute('birthdate')],
  ['birthday', attribute('birthday')],
  ['address_line_1', address('line_1')],
  ['address_line_2', address('line_2')],
  ['address_postal_code', address('postal_code')],
  ['postal_code', address('postal_code')],
  ['address_city', address('city')],
  ['city', address('city')],
  ['address_state', address('state')],
  ['state', address('state')],
  ['address_country', address('country')],
  ['country', address('country')],
])

/**
 * A standard column is known by its name, whatever its case and the blanks around it; any other is metadata, its name
 * exactly as it is.
 */
export const columnOf = (name: string): CsvColumn =>
  STANDARD_COLUMNS.get(name.trim().toLowerCase()) ?? { kind: 'metadata', name }

/** What two columns of a file must not share. */
export const keyOfColumn = (column: CsvColumn): string =>
  'name' in column ? `${column.kind}.${column.name}` : column.kind
