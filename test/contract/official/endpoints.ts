/** The endpoints of the family, as the official API description has them. */
import { FILTERABLE_ACTIVITY_TYPES } from './enumerations.js'
import { between, dateTime, list, oneOf, ref, type Schema, text } from './schema.js'

export interface Endpoint {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  readonly path: string
  /** Any one of these scopes admits a token; none means that a token is no credential here. */
  readonly scopes: readonly string[]
  /** Query parameters; none is required. */
  readonly query: Readonly<Record<string, Schema>>
  readonly body?: { readonly type: string; readonly schema: Schema }
  /** By status; null is an empty body. */
  readonly responses: Readonly<Record<number, Schema | null>>
}

const CUSTOMERS = ['api', 'customers']
const ASYNC_ACTIONS = ['api', 'async-actions']
const CAMPAIGN_TYPES = [
  'PROMOTION',
  'GIFT_VOUCHERS',
  'REFERRAL_PROGRAM',
  'DISCOUNT_COUPONS',
  'LOYALTY_PROGRAM',
]

const json = (schema: Schema) => ({ type: 'application/json', schema })
const form = (schema: Schema) => ({ type: 'application/x-www-form-urlencoded', schema })
const multipart = (schema: Schema) => ({ type: 'multipart/form-data', schema })

/** Fields by which a list can be ordered, each up or down. */
const orderBy = (...fields: string[]): Schema => oneOf(...fields.flatMap((field) => [field, `-${field}`]))

const limit = between(1, 100)
const notFound = { 404: ref('Error') }
const tooLarge = { 413: ref('TooLarge') }
const accepted = { 202: ref('AsyncActionStarted') }

const customers: Endpoint[] = [
  {
    method: 'get',
    path: '/v1/customers',
    scopes: CUSTOMERS,
    query: {
      limit,
      page: between(1, 99),
      email: text,
      city: text,
      name: text,
      segment_id: text,
      'created_at[before]': dateTime,
      'created_at[after]': dateTime,
      'updated_at[before]': dateTime,
      'updated_at[after]': dateTime,
      order: orderBy('created_at', 'updated_at', 'source_id'),
      starting_after: dateTime,
    },
    responses: { 200: ref('CustomerList') },
  },
  {
    method: 'post',
    path: '/v1/customers',
    scopes: CUSTOMERS,
    query: {},
    body: json(ref('CustomerToCreate')),
    responses: { 200: ref('Customer') },
  },
  {
    method: 'get',
    path: '/v1/customers/{customerId}',
    scopes: CUSTOMERS,
    query: {},
    responses: { 200: ref('Customer'), ...notFound },
  },
  {
    method: 'put',
    path: '/v1/customers/{customerId}',
    scopes: CUSTOMERS,
    query: {},
    body: json(ref('CustomerToUpdate')),
    responses: { 200: ref('Customer'), ...notFound },
  },
  {
    method: 'delete',
    path: '/v1/customers/{customerId}',
    scopes: CUSTOMERS,
    query: {},
    responses: { 204: null, ...notFound },
  },
  {
    method: 'post',
    path: '/v1/customers/{customerId}/permanent-deletion',
    scopes: CUSTOMERS,
    query: {},
    responses: { 200: ref('PermanentDeletion'), ...notFound },
  },
  {
    method: 'post',
    path: '/v1/customers/bulk/async',
    scopes: CUSTOMERS,
    query: {},
    body: json(list(ref('BulkUpdateItem'))),
    responses: { ...accepted, ...tooLarge, 429: ref('TooManyRequests') },
  },
  {
    method: 'post',
    path: '/v1/customers/metadata/async',
    scopes: CUSTOMERS,
    query: {},
    body: json(ref('MetadataUpdate')),
    responses: { ...accepted, ...tooLarge },
  },
  {
    method: 'post',
    path: '/v1/customers/importCSV',
    scopes: CUSTOMERS,
    query: {},
    body: multipart(ref('CsvUpload')),
    responses: accepted,
  },
]

const activity: Endpoint[] = [
  {
    method: 'get',
    path: '/v1/customers/{customerId}/activity',
    scopes: CUSTOMERS,
    query: {
      limit,
      order: orderBy('created_at'),
      starting_after_id: text,
      start_date: dateTime,
      end_date: dateTime,
      campaign_id: text,
      campaign_type: oneOf(...CAMPAIGN_TYPES),
      category: oneOf('ACTION', 'EFFECT'),
      type: oneOf(...FILTERABLE_ACTIVITY_TYPES),
    },
    responses: { 200: ref('ActivityList'), ...notFound },
  },
  {
    method: 'get',
    path: '/v1/customers/{customerId}/activities',
    scopes: CUSTOMERS,
    query: {
      limit,
      order: orderBy('created_at', 'updated_at', 'type', 'code', 'campaign', 'category'),
      starting_after: dateTime,
      starting_after_id: text,
      campaign_type: oneOf(...CAMPAIGN_TYPES),
      campaign_id: text,
      product_id: text,
      start_date: dateTime,
      end_date: dateTime,
    },
    responses: { 200: ref('OldActivityList') },
  },
]

const asyncActions: Endpoint[] = [
  {
    method: 'get',
    path: '/v1/async-actions',
    scopes: ASYNC_ACTIONS,
    query: { limit, end_date: dateTime },
    responses: { 200: ref('AsyncActionList'), 400: ref('Error') },
  },
  {
    method: 'get',
    path: '/v1/async-actions/{asyncActionId}',
    scopes: ASYNC_ACTIONS,
    query: {},
    responses: { 200: ref('AsyncAction'), ...notFound },
  },
]

const oauth: Endpoint[] = [
  {
    method: 'post',
    path: '/v1/oauth/token',
    scopes: [],
    query: {},
    body: form(ref('TokenRequest')),
    responses: { 200: ref('Token'), 400: ref('Error') },
  },
  {
    method: 'post',
    path: '/v1/oauth/introspect',
    scopes: [],
    query: {},
    body: form(ref('NamedToken')),
    responses: { 200: ref('IntrospectedToken'), 400: ref('Error') },
  },
  {
    method: 'post',
    path: '/v1/oauth/token/revoke',
    scopes: [],
    query: {},
    body: form(ref('NamedToken')),
    responses: { 204: null, 404: null },
  },
]

export const ENDPOINTS: readonly Endpoint[] = [...customers, ...activity, ...asyncActions, ...oauth]
