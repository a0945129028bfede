/** One row of the model's requests; a name that is no text is refused. */
export interface ModelRow {
  readonly source_id: string
  readonly name: string | number
}

/** What became of a row, as its line in the report begins. */
export type ModelLine = readonly [sourceId: string, found: boolean, updated: boolean]

interface ModelRequest {
  readonly id: string
  readonly chunks: readonly (readonly ModelRow[])[]
  readonly lines: ModelLine[]
  done: number
}

/** What Rollcall must look like from outside: one project, one thing after the other. */
export class SequentialModel {
  readonly customers = new Map<string, string>()
  /** How often each customer was written. */
  readonly versions = new Map<string, number>()
  readonly requests: ModelRequest[] = []

  schedule(id: string, chunks: readonly (readonly ModelRow[])[]): void {
    this.requests.push({ id, chunks, lines: [], done: 0 })
  }

  /** The request whose turn it is. */
  get head(): ModelRequest | undefined {
    return this.requests.find(({ done, chunks }) => done < chunks.length)
  }

  /** Carries the next chunk out. */
  step(): void {
    const { head } = this
    if (head === undefined) return
    for (const row of head.chunks[head.done++] ?? []) head.lines.push(this.write(row))
  }

  finish(): void {
    while (this.head) this.step()
  }

  write({ source_id, name }: ModelRow): ModelLine {
    const before = this.customers.get(source_id)
    const found = before !== undefined
    if (typeof name !== 'string' || before === name) return [source_id, found, false]
    this.customers.set(source_id, name)
    this.versions.set(source_id, (this.versions.get(source_id) ?? 0) + 1)
    return [source_id, found, true]
  }

  delete(sourceId: string): void {
    this.customers.delete(sourceId)
    this.versions.delete(sourceId)
  }
}
