import { type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A client that takes nothing for so long, in milliseconds, is not coming back. */
const LONGEST_STANDSTILL_MS = 60_000

/**
 * Sends text piece by piece, never faster than the client takes it. One that stops taking it is cut off: it would keep
 * its connection and a piece of the text in memory for as long as it likes. Rejects when the client does not get all.
 */
export async function streamText(
  response: ServerResponse,
  pieces: AsyncIterable<string>,
  longestStandstillMs = LONGEST_STANDSTILL_MS,
): Promise<void> {
  response.setTimeout(longestStandstillMs, () => {
    response.destroy()
  })
  await pipeline(Readable.from(pieces), response)
}
