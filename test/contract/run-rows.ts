import { type Context } from './rows/context.js'
import { type Need, type Row } from './rows/row.js'

export interface Outcome {
  readonly row: Row
  readonly result: 'passed' | 'failed' | 'left out'
  /** Why it failed, or was left out. */
  readonly why?: string
}

/** Which rows not to run, and what to say of them. */
export type Omissions = Partial<Record<Need | 'ours', string>>

/** Runs rows one after another and tells of each as soon as it is known. */
export async function* runRows(
  rows: readonly Row[],
  context: Context,
  omissions: Omissions,
): AsyncGenerator<Outcome> {
  for (const row of rows) {
    const why = omissionOf(row, omissions)
    yield why === undefined ? await runRow(row, context) : { row, result: 'left out', why }
  }
}

function omissionOf({ ours, needs }: Row, omissions: Omissions): string | undefined {
  return (ours ? omissions.ours : undefined) ?? (needs && omissions[needs])
}

async function runRow(row: Row, context: Context): Promise<Outcome> {
  try {
    await row.run(context)
    return { row, result: 'passed' }
  } catch (error) {
    return { row, result: 'failed', why: error instanceof Error ? error.message : String(error) }
  }
}
