import { apiBanner } from './banner.js'

const BASE = 'http://127.0.0.1:3000'
const KEYS = { appId: 'the-id', appToken: 'the-token' }

describe('The banner', () => {
  it('has commands with the keys in them', () => {
    const banner = apiBanner(BASE, KEYS, { shownAgain: true })
    expect(banner.match(/curl .*-H 'X-App-Id: the-id' -H 'X-App-Token: the-token'/g)).toHaveLength(2)
  })

  it('says of keys that are shown this one time that they are', () => {
    expect(apiBanner(BASE, KEYS, { shownAgain: false })).toMatch(
      /the-token\n\nKeep the token; it is not shown again\.\n\nSend/,
    )
    expect(apiBanner(BASE, KEYS, { shownAgain: true })).not.toMatch(/Keep the token/)
  })

  it('says how to get keys when it has none', () => {
    expect(apiBanner(BASE, undefined, { shownAgain: true })).toMatch(/rollcall -- project create/)
  })
})
