/** A server that comes with Rollcall and runs in a process group of its own, so that a Ctrl-C does not reach it. */
export interface EmbeddedServer {
  readonly name: string
  /** Where to connect, password included. Stays the same over restarts. */
  readonly url: string
  isRunning(): boolean
  /** Takes over the one of this data folder if it still lives, else starts it; resolves when it answers. */
  start(signal?: AbortSignal): Promise<void>
  /** Ends it and resolves when it has ended. */
  stop(): Promise<void>
}
