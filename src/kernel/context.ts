/** On whose behalf, and because of which request, something happens. */
export interface RequestContext {
  /** The tenant everything belongs to. */
  readonly projectId: string
  /** `v-…`: the id of the HTTP request; correlates everything that it caused. */
  readonly requestId: string
}

/** The same, and who asked: known while a request is answered, and no longer when a worker carries it out. */
export interface ClientContext extends RequestContext {
  /** The id of the application. */
  readonly client: string
}
