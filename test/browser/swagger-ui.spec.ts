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
