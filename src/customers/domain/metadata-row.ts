import { type JsonObject } from '../../kernel/index.js'
import { type CustomerRow, refusedRow } from './customer-row.js'
import { checkText } from './row-refusal.js'

/** The row that gives one customer of a list the metadata that all of them get, which were checked before. */
export function metadataRow(sourceId: string, metadata: JsonObject, maxSourceIdLength: number): CustomerRow {
  try {
    checkText('source_id', sourceId, maxSourceIdLength)
    return { sourceId, changes: { metadata } }
  } catch (refusal) {
    return refusedRow({ sourceId }, refusal)
  }
}
