/**
 * The objects that go over the wire, as the official API description has them: what it requires, what it leaves
 * open, what may be null. What the original does otherwise, and what we add, is in corrections.ts and never here.
 */
import { ACTIVITY_TYPES, ASYNC_ACTION_TYPES } from './enumerations.js'
import {
  among,
  anything,
  between,
  binary,
  date,
  dateTime,
  dictionary,
  flag,
  integer,
  list,
  loose,
  nullable,
  object,
  oneOf,
  ref,
  type Schema,
  text,
} from './schema.js'

/** What can be said of a customer; requests and responses share it. */
const attributes = {
  name: text,
  description: text,
  email: text,
  phone: text,
  birthday: date,
  birthdate: date,
  metadata: anything,
}

const address = { city: text, state: text, line_1: text, line_2: text, country: text, postal_code: text }

const customers: Record<string, Schema> = {
  /** As responses show it. */
  Customer: object(
    {
      summary: nullable(ref('Summary')),
      loyalty: nullable(ref('Loyalty')),
      referrals: nullable(ref('Referrals')),
      object: oneOf('customer'),
    },
    {
      id: text,
      source_id: text,
      ...attributes,
      address: nullable(ref('Address')),
      system_metadata: anything,
      created_at: dateTime,
      updated_at: dateTime,
      assets: loose({ cockpit_url: text, cockpit_preference_center_url: text }),
    },
  ),
  Address: loose(address),
  Summary: object({ redemptions: ref('Redemptions'), orders: ref('Orders') }),
  Redemptions: object({
    total_redeemed: integer,
    total_failed: integer,
    total_succeeded: integer,
    total_rolled_back: integer,
    total_rollback_failed: integer,
    total_rollback_succeeded: integer,
    gift: object({ redeemed_amount: integer, amount_to_go: integer }),
    loyalty_card: object({ redeemed_points: integer, points_to_go: integer }),
  }),
  Orders: object(
    { total_amount: integer, total_count: integer, average_amount: integer, last_order_amount: integer },
    { last_order_date: dateTime },
  ),
  Loyalty: object({
    points: integer,
    referred_customers: integer,
    campaigns: dictionary(loose({ points: integer, loyalty_tier: text, referred_customers: integer })),
  }),
  Referrals: object({
    total: integer,
    campaigns: list(
      object({
        campaign_id: text,
        referrer_id: text,
        related_object_id: text,
        related_object_type: text,
        date: dateTime,
      }),
    ),
  }),
  CustomerList: object(
    { object: text, data_ref: text, customers: list(ref('Customer')), total: integer },
    { has_more: flag },
  ),
  PermanentDeletion: object({
    id: text,
    created_at: dateTime,
    related_object_id: text,
    related_object: text,
    status: text,
    data_json: object({
      events: integer,
      customer_events: integer,
      daily_events: integer,
      segments: integer,
      orders: integer,
      order_events: integer,
      customer: integer,
    }),
    object: text,
  }),

  /** Bodies of requests. */
  SentAddress: loose(address),
  CustomerToCreate: loose({
    id: text,
    source_id: text,
    ...attributes,
    address: nullable(ref('SentAddress')),
  }),
  CustomerToUpdate: loose({ ...attributes, address: nullable(ref('SentAddress')) }),
  BulkUpdateItem: object({ source_id: text }, { ...attributes, address: nullable(ref('SentAddress')) }),
  MetadataUpdate: object({ source_ids: list(text), metadata: anything }),
  CsvUpload: object({ file: binary }),
}

const activity: Record<string, Schema> = {
  Activity: loose({
    id: text,
    type: oneOf(...ACTIVITY_TYPES),
    data: loose({ data: among(ref('CustomerEvent')), event_source: ref('EventSource') }),
    created_at: dateTime,
    group_id: text,
  }),
  /** customer.created, customer.updated and customer.deleted look the same. */
  CustomerEvent: loose({ customer: ref('Customer') }),
  EventSource: object(
    { channel: oneOf('USER_PORTAL', 'API', 'CLIENT_API', 'INTERNAL') },
    { user: object({ id: text }), api_key: object({ name: text, app_id: text }) },
  ),
  ActivityList: object(
    { object: oneOf('list'), data_ref: text, data: list(ref('Activity')), has_more: flag },
    { more_starting_after: text },
  ),
  OldActivityList: object({ object: text, data_ref: text, data: list(ref('Activity')), total: integer }),
}

const listedAsyncAction = {
  id: text,
  type: oneOf(...ASYNC_ACTION_TYPES),
  status: oneOf('ENQUEUED', 'IN_PROGRESS', 'DONE', 'FAILED'),
  operation_status: oneOf('SUCCESS', 'FAILED', 'UNKNOWN'),
  created_at: dateTime,
  updated_at: dateTime,
  request_id: text,
  processing_time: integer,
  progress: between(0, 100),
  object: oneOf('async_action'),
}

const rowError = { message: text, details: text, key: text }

const asyncActions: Record<string, Schema> = {
  AsyncActionStarted: object({ async_action_id: text }),
  ListedAsyncAction: loose(listedAsyncAction),
  AsyncAction: loose({
    ...listedAsyncAction,
    result: among(
      ref('BulkUpdateResult'),
      ref('MetadataUpdateResult'),
      ref('CsvImportResult'),
      ref('MetadataKeyPurgeResult'),
    ),
  }),
  BulkUpdateResult: object({
    done_count: integer,
    failed_count: integer,
    reports: list(text),
    reports_available_till: dateTime,
    errors: list(object({ ...rowError, source_id: text })),
  }),
  MetadataUpdateResult: object({ errors: list(object(rowError)) }),
  CsvImportResult: loose({
    message: text,
    failed: list(loose({ source_id: text, row: integer, reason: text })),
    done_count: integer,
    failed_count: integer,
  }),
  MetadataKeyPurgeResult: loose({ message: text, done_count: integer }),
  AsyncActionList: loose({
    object: oneOf('list'),
    data_ref: oneOf('async_actions'),
    async_actions: list(ref('ListedAsyncAction')),
    has_more: flag,
  }),
}

const token = {
  access_token: text,
  client_id: text,
  expires_at: integer,
  expires_in: integer,
  scope: text,
  token_type: oneOf('Bearer'),
}

const oauth: Record<string, Schema> = {
  TokenRequest: object({ grant_type: oneOf('client_credentials'), scope: text }),
  Token: object(token),
  NamedToken: object({ access_token: text }),
  IntrospectedToken: object({ ...token, active: flag }),
}

const errors: Record<string, Schema> = {
  Error: object(
    { code: integer, message: text },
    {
      key: text,
      details: text,
      request_id: text,
      resource_id: text,
      resource_type: text,
      error: loose({ message: text }),
    },
  ),
  TooLarge: loose({ statusCode: integer, error: text, message: text }),
  TooManyRequests: loose({ code: text, message: text }),
}

export type Definitions = Readonly<Record<string, Schema>>

export const DEFINITIONS: Definitions = { ...customers, ...activity, ...asyncActions, ...oauth, ...errors }
