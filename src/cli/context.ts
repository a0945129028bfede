/** What every command is given. */
export interface CommandContext {
  /** The database to work on; throws, saying what to do, when there is none. Asked for only when needed. */
  readonly databaseUrl: () => string
  /** Writes the result; everything else a command has to say goes to stderr. */
  readonly print: (result: string) => void
}
