import { type Edit } from '../../rig/breed.js'

/** A defect that the bench must find, made of a build, never of the sources. */
export interface Mutant {
  readonly name: string
  /** What is wrong with it, in one sentence. */
  readonly claim: string
  readonly edits: readonly Edit[]
  /** The operation that shows it. */
  readonly route: string
  /** What is said of it then: it must be found for what is wrong with it. */
  readonly symptom: RegExp
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'falls-over',
    claim: 'a name with a NUL is not refused, and PostgreSQL does it',
    route: 'GET /v1/customers/{customerId}',
    edits: [
      {
        file: 'customers/show/customer.read-model.js',
        from: "if (idOrSourceId.includes('\\0'))\n        return undefined;",
        to: '',
      },
    ],
    symptom: /it is answered 500/,
  },
  {
    name: 'tells-too-much',
    claim: 'a customer has a field that the document does not know',
    route: 'GET /v1/customers/{customerId}',
    edits: [
      {
        file: 'customers/show/customer.body.js',
        from: "object: 'customer',",
        to: "object: 'customer', secret: 1,",
      },
    ],
    symptom: /not as documented: .*secret/,
  },
  {
    name: 'stores-what-it-refuses',
    claim: 'an access token is made before the scope is looked at',
    route: 'POST /v1/oauth/token',
    edits: [
      {
        file: 'auth/oauth/issue/issue-token.command.js',
        from: 'const scopes = readScopes(scope);',
        to: "await this.tokens.issue(context, ['api']); const scopes = readScopes(scope);",
      },
    ],
    symptom: /refused, yet .*access tokens/,
  },
  {
    name: 'open-door',
    claim: 'a token without the scope is let in',
    route: 'GET /v1/customers',
    edits: [
      {
        file: 'auth/credentials.guard.js',
        from: 'if (admitted.some((scope) => principal.scopes.includes(scope)))',
        to: 'if (admitted.length > 0)',
      },
    ],
    symptom: /a token without the scope is answered 200/,
  },
  {
    name: 'never-answers',
    claim: 'a request for nothing but a control character is forgotten',
    route: 'DELETE /v1/customers/{customerId}',
    edits: [
      {
        file: 'http/tidy-path.middleware.js',
        from: 'requireDecodable(path);',
        to: "requireDecodable(path); if (path.includes('%00')) return;",
      },
    ],
    symptom: /no answer within/,
  },
]
