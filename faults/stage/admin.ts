import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'pg'

const PATIENCE_MS = 60_000
const PAUSE_MS = 100

/** A look behind the scenes, past every proxy. What it asks only reads, and so may be asked again. */
export class Admin {
  readonly #pool: Pool

  constructor(databaseUrl: string) {
    this.#pool = new Pool({ connectionString: databaseUrl, max: 2 })
    this.#pool.on('error', () => undefined) // the next query opens another connection
  }

  /** Waits for a PostgreSQL that is just being killed. */
  async rows<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      try {
        return (await this.#pool.query(sql, [...parameters])).rows as Row[]
      } catch (error) {
        if (performance.now() > deadline) throw error
        await pause(PAUSE_MS)
      }
    }
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }
}
