import { columnOf } from './csv-columns.js'
import { readCsvRow } from './csv-row.js'

const LIMITS = { maxSourceIdLength: 255, maxStringLength: 2_000 }
const read = (columns: string[], cells: string[]) => readCsvRow(columns.map(columnOf), cells, LIMITS)

/** Changes without the attributes that are not asked for. */
const changesOf = (columns: string[], cells: string[]) =>
  Object.fromEntries(
    Object.entries(read(columns, cells).changes ?? {}).filter(([, value]) => value !== undefined),
  )

describe('A line of a CSV file', () => {
  it('names its customer by our id, by source_id, or not at all', () => {
    expect(read(['Id', 'Source_id'], ['cust_1', 's'])).toMatchObject({ customerId: 'cust_1', sourceId: 's' })
    expect(read(['Id', 'Source_id'], ['cust_1', ''])).toMatchObject({ customerId: 'cust_1', sourceId: '' })
    expect(read(['Id', 'Source_id'], ['', 's'])).not.toHaveProperty('customerId')
    expect(read(['Name'], ['N'])).toMatchObject({ sourceId: '', changes: { name: 'N' } })
  })

  it('sets the attributes of its standard columns', () => {
    const columns = [
      'Source_id',
      'Name',
      'Email',
      'Phone',
      'Birthdate',
      'Birthday',
      'Address_line_1',
      'Address_line_2',
      'Address_Postal_Code',
      'Address_City',
      'Address_State',
      'Address_Country',
      'Description',
    ]
    const cells = [
      's',
      'N',
      'e@x',
      '+1',
      '2001-02-03',
      '2002-03-04T10:00:00Z',
      '1',
      '2',
      '10001',
      'NY',
      'NY',
      'US',
      'D',
    ]
    expect(changesOf(columns, cells)).toEqual({
      name: 'N',
      email: 'e@x',
      phone: '+1',
      birthdate: '2001-02-03',
      birthday: '2002-03-04',
      description: 'D',
      address: { line_1: '1', line_2: '2', postal_code: '10001', city: 'NY', state: 'NY', country: 'US' },
    })
  })

  it.each([
    ['city', 'city'],
    ['Postal_Code', 'postal_code'],
    ['STATE', 'state'],
    [' Country ', 'country'],
    ['address_city', 'city'],
    ['ADDRESS_POSTAL_CODE', 'postal_code'],
  ])('knows the column %j as %s of the address', (column, key) => {
    expect(changesOf([column], ['x'])).toEqual({ address: { [key]: 'x' } })
  })

  it('sets metadata from every other column, name and text just as they are', () => {
    const columns = [' Tier', 'first name', 'address', 'metadata', 'constructor_', 'n', 'b', 'list', '1']
    const cells = ['gold ', 'x', 'y', 'z', 'c', '007', 'true', 'a,b', 'null']
    expect(changesOf(columns, cells)).toEqual({
      metadata: Object.fromEntries(columns.map((column, index) => [column, cells[index]])),
    })
  })

  it('leaves alone what has an empty cell', () => {
    expect(changesOf(['Source_id', 'Name', 'City', 'tier'], ['s', '', '', ''])).toEqual({})
    expect(changesOf(['City', 'State', 'a', 'b'], ['', 'NY', '', '1'])).toEqual({
      address: { state: 'NY' },
      metadata: { b: '1' },
    })
  })

  it.each([
    ['a date that there is not', ['Birthdate'], ['2023-02-30'], 'invalid_customer', '.birthdate'],
    ['a text that is too long', ['Name'], ['x'.repeat(2_001)], 'invalid_customer', '.name'],
    ['an address that cannot be kept', ['City'], ['a\0'], 'invalid_customer', '.address.city'],
    ['metadata that cannot be kept', ['tier'], ['a\0'], 'metadata_validation_failed', '.metadata.tier'],
    ['a source_id that is too long', ['Source_id'], ['x'.repeat(256)], 'invalid_customer', '.source_id'],
    ['a source_id that cannot be kept', ['Source_id'], ['a\0'], 'invalid_customer', '.source_id'],
    ['an id that is too long', ['Id'], ['x'.repeat(256)], 'invalid_customer', '.id'],
    [
      'too few cells',
      ['Name', 'tier', 'x'],
      ['a', 'b'],
      'invalid_payload',
      'The row has 2 cells, the header 3',
    ],
    ['too many cells', ['Name'], ['a', 'b'], 'invalid_payload', 'more cells than the header, which has 1'],
  ])('fails alone with %s', (_, columns, cells, key, details) => {
    expect(read(columns, cells).failure).toMatchObject({
      key,
      details: expect.stringContaining(details) as string,
    })
  })

  it('that fails still says whom it names', () => {
    expect(read(['Source_id', 'Id', 'Birthdate'], ['s', 'cust_1', 'never'])).toMatchObject({
      sourceId: 's',
      customerId: 'cust_1',
      failure: { key: 'invalid_customer' },
    })
  })
})
