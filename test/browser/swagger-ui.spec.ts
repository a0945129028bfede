import { type Browser, type Locator, type Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.js'
import { eventually, Rollcall } from '../support/rollcall.js'

describe('Swagger UI', () => {
  let rollcall: Rollcall
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    rollcall = await Rollcall.start()
    browser = await launchChromium()
    page = await browser.newPage({ viewport: { width: 1280, height: 1600 } })
  })
  afterAll(async () => {
    await browser.close()
    await rollcall.stop()
  })

  const execute = async (operation: Locator) => {
    await operation.locator('button.execute').click()
    const response = operation.locator('.live-responses-table .response').first()
    await response.waitFor()
    return {
      status: (await response.locator('.response-col_status').innerText()).trim(),
      body: JSON.parse(await response.locator('.highlight-code code').innerText()) as Record<string, unknown>,
    }
  }

  it('asks nobody but the server itself', async () => {
    const hosts = new Set<string>()
    page.on('request', (request) => hosts.add(new URL(request.url()).host))
    await page.goto(`${rollcall.base}/docs`)
    await page.locator('.opblock').first().waitFor()
    expect([...hosts].filter((host) => host !== '')).toEqual([new URL(rollcall.base).host])
  })

  it('gets a token inside the page', async () => {
    await page.locator('.auth-wrapper .authorize').first().click()
    const oauth = page.locator('.auth-container', { hasText: 'OAuth2, clientCredentials' })
    await oauth.locator('#client_id_clientCredentials').fill(rollcall.keys.appId)
    await oauth.locator('#client_secret_clientCredentials').fill(rollcall.keys.appToken)
    await oauth.locator('label[for="api-clientCredentials-checkbox-oauth"]').first().click()
    await oauth.locator('button.authorize').click()
    await oauth.getByText('Authorized', { exact: true }).waitFor()
    await page.locator('.btn-done').first().click()
  })

  it('asks about a token and ends it, with the keys filled in', async () => {
    const answer = await rollcall.call<{ access_token: string }>('POST', '/v1/oauth/token', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&scope=api',
    })
    await page.locator('.auth-wrapper .authorize').first().click()
    for (const [name, value] of [
      ['X-App-Id', rollcall.keys.appId],
      ['X-App-Token', rollcall.keys.appToken],
    ] as const) {
      const key = page.locator('.auth-container', { hasText: `Name: ${name}` })
      await key.locator('input').fill(value)
      await key.locator('button.authorize').click()
      await key.getByText('Authorized', { exact: true }).waitFor()
    }
    await page.locator('.btn-done').first().click()

    const introspect = page.locator('#operations-OAuth-introspectOAuthToken')
    await introspect.locator('.opblock-summary-control').click()
    await introspect
      .locator('tr[data-property-name="access_token"] input[type="text"]')
      .fill(answer.body.access_token)
    expect(await execute(introspect)).toMatchObject({ status: '200', body: { active: true, scope: 'api' } })

    const revoke = page.locator('#operations-OAuth-revokeOAuthToken')
    await revoke.locator('.opblock-summary-control').click()
    await revoke
      .locator('tr[data-property-name="access_token"] input[type="text"]')
      .fill(answer.body.access_token)
    await revoke.locator('button.execute').click()
    const status = revoke.locator('.live-responses-table .response .response-col_status').first()
    await status.waitFor()
    expect((await status.innerText()).trim()).toMatch(/^204/)
  })

  it('runs the example of a bulk update to its end', async () => {
    const post = page.locator('#operations-Customers-updateCustomersInBulk')
    await post.locator('.opblock-summary-control').click()
    const accepted = await execute(post)
    expect(accepted).toEqual({
      status: '202',
      body: { async_action_id: expect.stringMatching(/^aa_/) as string },
    })

    const get = page.locator('#operations-Async_actions-getAsyncAction')
    await get.locator('.opblock-summary-control').click()
    await get.locator('input[placeholder="asyncActionId"]').fill(String(accepted.body['async_action_id']))
    const action = await eventually('the action is done', async () => {
      const { status, body } = await execute(get)
      expect(status).toBe('200')
      return body['status'] === 'DONE' ? body : undefined
    })
    expect(action).toMatchObject({ operation_status: 'SUCCESS', result: { done_count: 3, failed_count: 0 } })
  })
})
