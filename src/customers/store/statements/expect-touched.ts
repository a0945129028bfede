import { VersionConflictError } from '../../../event-store/index.js'

/**
 * Waits for a statement that writes customers as they were loaded. Throws a {@link VersionConflictError} when it
 * touched another number of rows than there are customers: one of them is not what it was.
 */
export async function expectTouched(touched: Promise<number>, count: number): Promise<void> {
  if ((await touched) !== count) throw new VersionConflictError('A customer was changed by someone else.')
}
