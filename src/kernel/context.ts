/** On whose behalf, and because of which request, something happens. */
export interface RequestContext {
  /** The tenant everything belongs to. */
  readonly projectId: string
  /** `v-…`: the id of the HTTP request; correlates everything that it caused. */
  readonly requestId: string
}
