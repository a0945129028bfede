/** The keys of the outside issuer cannot be got, so nothing can be said of its tokens. */
export class IssuerUnavailable extends Error {}
