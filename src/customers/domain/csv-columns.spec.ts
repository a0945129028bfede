import { columnOf, keyOfColumn } from './csv-columns.js'

const areSame = (one: string, other: string): boolean =>
  keyOfColumn(columnOf(one)) === keyOfColumn(columnOf(other))

describe('Two columns of a CSV file', () => {
  it.each([
    ['Name', ' name '],
    ['city', 'address_city'],
    ['SOURCE_ID', 'source_id'],
    ['lang', 'lang'],
  ])('are the same: %s and %s', (one, other) => {
    expect(areSame(one, other)).toBe(true)
  })

  it.each([
    ['name', 'email'],
    ['city', 'state'],
    ['lang', 'Lang'],
    ['lang', ' lang'],
    ['id', 'source_id'],
    ['name', 'full name'],
  ])('are different: %s and %s', (one, other) => {
    expect(areSame(one, other)).toBe(false)
  })
})
