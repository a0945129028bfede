import fc from 'fast-check'
import { SCOPES } from '../scopes.js'
import { ALGORITHMS, clientOf, mayBeAccessToken, projectOf, scopesOf } from './claims.js'

describe('What a JWT of an outside issuer says', () => {
  it('is believed with signatures that only the issuer can make', () => {
    expect(ALGORITHMS).toEqual([
      'RS256',
      'RS384',
      'RS512',
      'PS256',
      'PS384',
      'PS512',
      'ES256',
      'ES384',
      'ES512',
      'EdDSA',
    ])
  })

  it('gives the known scopes among those that it lists, in either form, and never another', () => {
    const names = fc.array(fc.oneof(fc.constantFrom<string>(...SCOPES), fc.stringMatching(/^[a-z:]{1,12}$/)))
    fc.assert(
      fc.property(names, fc.constantFrom('scope', 'scp'), fc.boolean(), (listed, claim, asText) => {
        const scopes = scopesOf({ [claim]: asText ? listed.join(' ') : listed })
        expect(scopes).toEqual(SCOPES.filter((scope) => listed.includes(scope)))
      }),
    )
  })

  it.each([
    [{ client_id: 'crm', azp: 'other', sub: 'person@example.com' }, 'outside:crm'],
    [{ azp: 'till' }, 'outside:till'],
    [{ client_id: 7, azp: 'till' }, 'outside:till'],
    [{ client_id: 'two words', azp: '' }, 'outside:unknown'],
    [{ client_id: 'x'.repeat(256) }, 'outside:unknown'],
    [{ client_id: '(operator)' }, 'outside:(operator)'],
    [{ sub: 'person@example.com' }, 'outside:unknown'],
  ])('names an application, never a person, and none of ours: %p', (payload, client) => {
    expect(clientOf(payload)).toBe(client)
  })

  it('may be anything without doing harm', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(() => scopesOf({ scope: value, scp: value })).not.toThrow()
        expect(() => projectOf({ project: value }, 'project')).not.toThrow()
        expect(() => mayBeAccessToken({ alg: 'RS256', typ: value } as never)).not.toThrow()
      }),
    )
  })

  it('names a project by a uuid alone', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(projectOf({ p: id.toUpperCase() }, 'p')).toBe(id)
        expect(projectOf({ p: ` ${id}` }, 'p')).toBeUndefined()
        expect(projectOf({ p: [id] }, 'p')).toBeUndefined()
        expect(projectOf({ q: id }, 'p')).toBeUndefined()
      }),
    )
  })

  it.each(['id+jwt', 'logout+jwt', 'dpop+jwt', '', 'at+jwt2'])('is no access token of type %j', (typ) => {
    expect(mayBeAccessToken({ alg: 'RS256', typ })).toBe(false)
  })
})
