import { VersionConflictError } from '../../../event-store/index.js'

export const changedMeanwhile = (): Error =>
  new VersionConflictError('A customer was changed by someone else.')
