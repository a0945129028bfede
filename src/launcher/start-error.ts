/** Something the person who starts Rollcall must know and can act on: shown without a stack. */
export class StartError extends Error {
  constructor(
    message: string,
    /** What the process ends with: 1 when it could not start, 2 when its settings are wrong. */
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message)
  }
}
