/** How the figures are called. */
export const GET = 'awake, GET'
/** While all clients send at once. */
export const ACCEPTED = 'awake, POST to 202'
/** While one client sends, and what all had sent is still being carried out. */
export const ACCEPTED_ALONE = 'awake, POST to 202 of one client behind a backlog'
export const LOOP = 'awake, event loop of the API'
