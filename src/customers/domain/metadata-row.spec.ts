import { metadataRow } from './metadata-row.js'

describe('A row that gives a customer of a list the metadata of all', () => {
  it('has both as they are', () => {
    expect(metadataRow('😀'.repeat(255), { lang: 'en' }, 255)).toEqual({
      sourceId: '😀'.repeat(255),
      changes: { metadata: { lang: 'en' } },
    })
  })

  it.each([
    ['is too long', 'x'.repeat(256), 'must not be longer than 255 characters'],
    ['has a NUL', 'a\0', 'must not contain the character U+0000'],
  ])('fails when its source_id %s', (_, sourceId, problem) => {
    expect(metadataRow(sourceId, { lang: 'en' }, 255)).toEqual({
      sourceId,
      failure: {
        key: 'invalid_customer',
        message: 'Invalid customer',
        details: `Property .source_id ${problem}`,
      },
    })
  })
})
