import { parse } from 'csv-parse/sync'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { eventually } from '../../support/eventually.js'
import { type Answer, type CallOptions, type Keys, send } from '../../support/http.js'
import { officialClient, type OfficialClient, type WireRequest } from '../../support/official-client.js'

export type Body = Record<string, unknown>

export interface Customer extends Body {
  readonly id: string
  readonly source_id?: string
  readonly address: Record<string, string | null> | null
  readonly metadata?: Body
  readonly created_at: string
  readonly updated_at?: string
}

export interface RowError {
  readonly key: string
  readonly message: string
  readonly details: string
  readonly source_id: string
}

/** The fields that some results have and others do not are there in all; rows know which kind they asked for. */
export interface Result {
  readonly done_count: number
  readonly failed_count: number
  readonly reports: readonly string[]
  readonly reports_available_till: string
  readonly errors: readonly RowError[]
  readonly message: string
  readonly failed: readonly { readonly source_id: string; readonly row: number; readonly reason: string }[]
}

export interface Action {
  readonly id: string
  readonly type: string
  readonly status: string
  readonly operation_status: string
  readonly created_at: string
  readonly updated_at: string
  readonly request_id: string
  readonly processing_time: number
  readonly progress: number
  readonly object: string
  readonly result: Result
}

export type ReportLine = Readonly<
  Record<'source_id' | 'found' | 'updated' | 'key' | 'message' | 'details', string>
>

export interface Token {
  readonly access_token: string
  readonly client_id: string
  readonly expires_at: number
  readonly expires_in: number
  readonly scope: string
  readonly token_type: string
}

interface Started {
  readonly async_action_id: string
}

export interface Page<Item> {
  readonly object: string
  readonly data_ref: string
  readonly total: number
  readonly has_more: boolean
  readonly more_starting_after?: string
  readonly customers: readonly Item[]
  readonly async_actions: readonly Item[]
  readonly data: readonly Item[]
}

export interface Target {
  readonly base: string
  readonly keys: Keys
  readonly otherKeys?: Keys
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** A server under test, as seen by rows: one project of it, and shorthands for what most rows do. */
export class Context {
  /** Part of every source_id of this run, so that runs do not meet. */
  private readonly run = randomBytes(4).toString('hex')
  private ids = 0
  private readonly wire: WireRequest[] = []
  /** The official client. */
  readonly client: OfficialClient

  constructor(private readonly target: Target) {
    this.client = officialClient(target.base, target.keys, (request) => this.wire.push(request))
  }

  get base(): string {
    return this.target.base
  }

  get keys(): Keys {
    return this.target.keys
  }

  /** The same server, seen by another project. */
  get other(): Context {
    if (this.target.otherKeys === undefined) throw new Error('There is no second project.')
    return new Context({ base: this.base, keys: this.target.otherKeys })
  }

  /** A source_id that nobody has used before. */
  id(name = 'customer'): string {
    this.ids++
    return `${name}-${this.run}-${this.ids}`
  }

  newIds(count: number, name?: string): string[] {
    return Array.from({ length: count }, () => this.id(name))
  }

  call<T = Body>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
    return send<T>(this.base, method, path, { keys: this.keys, ...options })
  }

  /** What the official client sends and gets while `act` runs. */
  async onTheWire(act: () => Promise<unknown>): Promise<WireRequest> {
    const before = this.wire.length
    await act()
    const request = this.wire[before]
    if (request === undefined) throw new Error('The client sent nothing.')
    return request
  }

  // Customers

  customer(idOrSourceId: string): Promise<Customer> {
    return this.client.customers.get(idOrSourceId) as unknown as Promise<Customer>
  }

  /** Every customer that the official client's scroll() meets. */
  async met(params: Parameters<OfficialClient['customers']['scroll']>[0]): Promise<Customer[]> {
    const met: Customer[] = []
    const customers = this.client.customers.scroll(params) as unknown as AsyncIterable<Customer>
    for await (const customer of customers) met.push(customer)
    return met
  }

  create(customer: Body): Promise<Customer> {
    return this.client.customers.create(customer) as unknown as Promise<Customer>
  }

  /** Changes a customer by a bulk update of one row, and returns what it looks like then. */
  async put(row: Body & { source_id: string }): Promise<Customer> {
    await this.bulk([row])
    return this.customer(row.source_id)
  }

  // Asynchronous actions

  /** Sends a bulk update by the official client; returns the action's id. */
  async startBulk(rows: readonly Body[]): Promise<string> {
    const { async_action_id: id } = await this.client.customers.updateInBulk(
      rows as unknown as Parameters<OfficialClient['customers']['updateInBulk']>[0],
    )
    return id
  }

  /** A bulk update from sending to its end. */
  async bulk(rows: readonly Body[]): Promise<Action> {
    return this.ended(await this.startBulk(rows))
  }

  async metadata(source_ids: string[], metadata: Body): Promise<Action> {
    const { async_action_id: id } = await this.client.customers.updateMetadataInBulk({ source_ids, metadata })
    return this.ended(id)
  }

  /** Uploads a file; the answer may be anything. */
  upload(csv: string, { type = 'text/csv', part = 'file' } = {}): Promise<Answer<Started>> {
    const form = new FormData()
    form.append(part, new Blob([csv], { type }), 'customers.csv')
    return this.call<Started>('POST', '/v1/customers/importCSV', { body: form })
  }

  /** Uploads a file that must be accepted; returns the action's id. */
  async startCsv(csv: string, options: { type?: string } = {}): Promise<string> {
    const { status, body, text } = await this.upload(csv, options)
    assert.equal(status, 202, text)
    return body.async_action_id
  }

  /** A CSV import from sending to its end. */
  async csv(...lines: string[]): Promise<Action> {
    return this.ended(await this.startCsv(`${lines.join('\n')}\n`))
  }

  action(id: string): Promise<Action> {
    return this.client.asyncActions.get(id) as unknown as Promise<Action>
  }

  /** Follows an action to its end; `seen` gets every state on the way. */
  ended(id: string, seen: Action[] = []): Promise<Action> {
    return eventually(`${id} ends`, async () => {
      const action = await this.action(id)
      seen.push(action)
      return ['DONE', 'FAILED'].includes(action.status) ? action : undefined
    })
  }

  async download(link: string): Promise<{ status: number; headers: Headers; text: string }> {
    const response = await fetch(link)
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  async report({ result }: Action): Promise<ReportLine[]> {
    return parse((await this.download(result.reports[0] ?? '')).text, { columns: true, bom: true })
  }

  /** Of each row of a bulk update: `found`, `updated`. */
  async outcomes(rows: readonly Body[]): Promise<[string, string][]> {
    return (await this.report(await this.bulk(rows))).map(({ found, updated }) => [found, updated])
  }

  // OAuth

  form<T = Body>(path: string, body: string, options: CallOptions = {}): Promise<Answer<T>> {
    return this.call<T>('POST', path, { ...options, body, headers: { ...FORM, ...options.headers } })
  }

  async token(scope: string): Promise<Token> {
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope })
    return (await this.form<Token>('/v1/oauth/token', body.toString())).body
  }

  /** A call with a token and without keys. */
  withToken<T = Body>(token: string, method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const headers = { authorization: `Bearer ${token}` }
    return this.call<T>(method, path, { keys: null, headers, ...(body !== undefined && { body }) })
  }
}
