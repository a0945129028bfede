/** Someone else wrote to a stream after it was read: load it again and decide again. */
export class VersionConflictError extends Error {
  constructor(reason = 'A stream is not at the version that was expected.') {
    super(reason)
  }
}
