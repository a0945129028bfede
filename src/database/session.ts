import { createHash } from 'node:crypto'
import { type PoolClient, type QueryResult } from 'pg'

/** One row as the driver gives it: column names to values. */
export type Row = Record<string, unknown>

/** A connection inside a transaction. Everything that reads or writes takes one as its first argument. */
export class Session {
  constructor(private readonly client: PoolClient) {}

  /** The rows of a query. */
  async rows<R extends Row>(sql: string, parameters: readonly unknown[] = []): Promise<R[]> {
    return (await this.run<R>(sql, parameters)).rows
  }

  /** The only row of a query that gives at most one. */
  async row<R extends Row>(sql: string, parameters: readonly unknown[] = []): Promise<R | undefined> {
    return (await this.rows<R>(sql, parameters))[0]
  }

  /** How many rows a statement touched. */
  async execute(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    return (await this.run(sql, parameters)).rowCount ?? 0
  }

  private run<R extends Row>(sql: string, parameters: readonly unknown[]): Promise<QueryResult<R>> {
    return this.client.query<R>({ name: nameOf(sql), text: sql, values: parameters as unknown[] })
  }
}

const names = new Map<string, string>()

/**
 * Statements are texts of the code, a few dozen: each is parsed once per connection and known by a name from then on.
 * Parsing them at every call took a seventh of PostgreSQL's time. Values never belong into the text.
 */
function nameOf(sql: string): string {
  let name = names.get(sql)
  if (name === undefined) {
    name = `rollcall_${createHash('sha256').update(sql).digest('hex').slice(0, 32)}`
    names.set(sql, name)
  }
  return name
}
