import { type PackedChunk } from '../../src/async-actions/index.js'
import { pack } from '../../src/kernel/index.js'

/** A text as it waits. */
export const packed = (text: string): Uint8Array => pack(Buffer.from(text))

/** As the release before stored it: SQL that takes the id of an action and puts a text in the place of its rows. */
export const STORE_AS_TEXT =
  'UPDATE async_action_payloads SET rows = $2, packed = NULL WHERE async_action_id = $1'

/** What comes out of a request, of chunks that are given by their texts. */
export async function* packedPayload(
  chunks: readonly { readonly text: string; readonly rowCount: number }[],
): AsyncGenerator<PackedChunk> {
  let firstRow = 0
  for (const { text, rowCount } of chunks) {
    yield await Promise.resolve({ firstRow, rowCount, packed: packed(text) })
    firstRow += rowCount
  }
}
