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
    return this.client.query<R>(sql, parameters as unknown[])
  }
}
