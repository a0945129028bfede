/**
 * Everything in which an answer or our own API description may differ from the official description, each with
 * its reason. What is not listed here is not tolerated. There are two kinds: `DEVIATIONS`, where the original
 * itself does not do what its description says, and `EXTENSIONS`, where we do more on purpose.
 */
import { DEFINITIONS } from './definitions.js'
import { among, type Case, dateTime, flag, integer, list, oneOf, ref, type Schema, text } from './schema.js'

interface SchemaCorrection {
  /** The definition that it corrects. */
  readonly schema: string
  readonly why: string
  /** Properties that may be null. */
  readonly nullable?: readonly string[]
  /** Properties that need not be there. */
  readonly optional?: readonly string[]
  /** Properties that must be there. */
  readonly promised?: readonly string[]
  /** Properties with another schema, or further properties. */
  readonly properties?: Readonly<Record<string, Schema>>
  /** Another schema as a whole. */
  readonly instead?: Schema
  readonly cases?: readonly Case[]
}

const ATTRIBUTES = ['name', 'description', 'email', 'phone', 'birthday', 'birthdate', 'metadata']
const ADDRESS = ['city', 'state', 'line_1', 'line_2', 'country', 'postal_code']
const LISTED_ACTION = [
  'id',
  'type',
  'status',
  'operation_status',
  'created_at',
  'updated_at',
  'request_id',
  'progress',
  'object',
]

/** Where the original differs from its own description. */
export const DEVIATIONS: readonly SchemaCorrection[] = [
  {
    schema: 'Address',
    nullable: ADDRESS,
    why: 'A part of the address that was set to null comes back as null in the answers of the original.',
  },
  {
    schema: 'SentAddress',
    nullable: ADDRESS,
    why: 'Official clients declare each part nullable and send null to clear it.',
  },
  ...['CustomerToCreate', 'CustomerToUpdate', 'BulkUpdateItem'].map((schema) => ({
    schema,
    nullable: ATTRIBUTES,
    why: 'Official clients declare the attributes nullable and send null to clear them.',
  })),
  {
    schema: 'Customer',
    promised: ['id', 'address', 'system_metadata', 'created_at'],
    why: 'In all examples; official clients page by created_at.',
  },
  {
    schema: 'CustomerList',
    promised: ['has_more'],
    properties: { object: oneOf('list'), data_ref: oneOf('customers') },
    why: 'Official clients go on to the next page only when has_more is true; the values are those of the examples.',
  },
  {
    schema: 'PermanentDeletion',
    properties: {
      related_object: oneOf('customer'),
      status: oneOf('DONE'),
      object: oneOf('pernament_deletion'),
    },
    why: 'The values of the examples; the spelling is the original one.',
  },
  ...['ListedAsyncAction', 'AsyncAction'].map((schema) => ({
    schema,
    promised: LISTED_ACTION,
    why: 'The description requires nothing, the examples have them all, and official clients check status and object.',
  })),
  {
    schema: 'AsyncAction',
    properties: {
      result: among(ref('BulkUpdateResult'), ref('CsvImportResult'), ref('MetadataKeyPurgeResult')),
    },
    cases: [
      resultOf('CUSTOMERS.BULK_UPDATE', 'BulkUpdateResult'),
      resultOf('CUSTOMERS.METADATA_UPDATE', 'BulkUpdateResult'),
      resultOf('CUSTOMERS.IMPORT_CSV', 'CsvImportResult'),
      resultOf('CUSTOMERS.METADATA_KEY_PURGE', 'MetadataKeyPurgeResult'),
    ],
    why: 'The description leaves open which result goes with which type; the examples say it. Those of a metadata update have the result of a bulk update, although the description has only its errors.',
  },
  {
    schema: 'CsvImportResult',
    promised: ['message', 'failed', 'done_count', 'failed_count'],
    why: 'In all examples.',
  },
  {
    schema: 'AsyncActionList',
    promised: ['object', 'data_ref', 'async_actions', 'has_more'],
    why: 'In all examples; paging needs has_more.',
  },
  {
    schema: 'Activity',
    promised: ['id', 'type', 'data', 'created_at', 'group_id'],
    why: 'The description requires nothing, but says of each what it holds.',
  },
  {
    schema: 'ActivityList',
    properties: { data_ref: oneOf('data') },
    why: 'The value of the examples.',
  },
  {
    schema: 'OldActivityList',
    properties: { object: oneOf('list'), data_ref: oneOf('data') },
    why: 'The values that official clients declare.',
  },
  {
    schema: 'IntrospectedToken',
    optional: ['access_token', 'client_id', 'expires_at', 'expires_in', 'scope', 'token_type'],
    cases: [
      {
        property: 'active',
        equals: true,
        then: { required: ['access_token', 'client_id', 'expires_at', 'expires_in', 'scope', 'token_type'] },
      },
    ],
    why: 'Of an unknown token the example says {"active":false} and nothing else.',
  },
  {
    schema: 'TooLarge',
    promised: ['statusCode', 'error', 'message'],
    why: 'All three are in the example.',
  },
  {
    schema: 'TooManyRequests',
    instead: ref('Error'),
    why: 'The description calls the code a text, but its default is a number; with key and request_id like every error.',
  },
]

/** What we add to answers and requests of official endpoints. */
export const SCHEMA_EXTENSIONS: readonly SchemaCorrection[] = [
  {
    schema: 'CsvImportResult',
    properties: { reports: list(text), reports_available_till: dateTime },
    promised: ['reports', 'reports_available_till'],
    why: 'An import has a report with a line for each row, as a bulk update has.',
  },
  {
    schema: 'OldActivityList',
    properties: { has_more: flag, more_starting_after: text },
    why: 'Both lists of activities are paged in the same way.',
  },
  {
    schema: 'NamedToken',
    properties: { token: text, token_type_hint: text },
    optional: ['access_token'],
    why: 'The names of RFC 7662 and RFC 7009, which OAuth libraries use.',
  },
  {
    schema: 'IntrospectedToken',
    properties: { exp: integer, iat: integer },
    why: 'The names of RFC 7662 for when a token ends and when it was issued.',
  },
]

const OAUTH_ERROR: Schema = {
  ...DEFINITIONS['Error'],
  properties: { ...DEFINITIONS['Error']?.properties, error: text, error_description: text },
}

/** Statuses that we add to official endpoints, or answers that have more in them. */
export const RESPONSE_EXTENSIONS: readonly {
  readonly endpoint: string
  readonly responses: Readonly<Record<number, Schema | null>>
  readonly why: string
}[] = [
  ...['POST /v1/oauth/token', 'POST /v1/oauth/introspect', 'POST /v1/oauth/token/revoke'].map((endpoint) => ({
    endpoint,
    responses: { 400: OAUTH_ERROR, 401: OAUTH_ERROR },
    why: 'With what OAuth libraries look at (RFC 6749) beside the fields of every error.',
  })),
  ...[
    'POST /v1/customers/bulk/async',
    'POST /v1/customers/metadata/async',
    'POST /v1/customers/importCSV',
  ].map((endpoint) => ({
    endpoint,
    responses: { 422: ref('Error') },
    why: 'An Idempotency-Key was used before, for something else.',
  })),
  {
    endpoint: 'POST /v1/oauth/token/revoke',
    responses: { 200: null },
    why: 'A token sent by its standard name is answered as RFC 7009 demands, whether it was live or not.',
  },
]

/** Optional properties that we never send, so that our own document does not have them. */
export const OMISSIONS: readonly {
  readonly schema: string
  readonly properties: readonly string[]
  readonly why: string
}[] = [
  { schema: 'Customer', properties: ['assets'], why: 'Links to a page for customers that there is not.' },
  { schema: 'Orders', properties: ['last_order_date'], why: 'There are no orders.' },
  { schema: 'Error', properties: ['error'], why: 'A text set in validation rules, which there are not.' },
  {
    schema: 'EventSource',
    properties: ['user', 'api_key'],
    why: 'Who holds the keys is not recorded with an event; there are no users.',
  },
]

/** Query parameters that we add. */
export const QUERY_EXTENSIONS: readonly {
  readonly endpoint: string
  readonly query: Readonly<Record<string, Schema>>
  readonly why: string
}[] = [
  {
    endpoint: 'GET /v1/async-actions',
    query: { async_action_id: text },
    why: 'One action by a query parameter, for callers that cannot build paths.',
  },
  {
    endpoint: 'GET /v1/async-actions',
    query: {
      starting_after_id: text,
      type: oneOf('CUSTOMERS.BULK_UPDATE', 'CUSTOMERS.METADATA_UPDATE', 'CUSTOMERS.IMPORT_CSV'),
      status: oneOf('ENQUEUED', 'IN_PROGRESS', 'DONE', 'FAILED'),
    },
    why: 'Filters, and a cursor that needs no time.',
  },
]

/** Endpoints below /v1 that the original does not have. A schema of null means that the answer is not JSON. */
export const ENDPOINT_EXTENSIONS: readonly {
  readonly endpoint: string
  readonly responses: Readonly<Record<number, Schema | null>>
  readonly why: string
}[] = [
  {
    endpoint: 'GET /v1/async-actions/{asyncActionId}/reports/{report}',
    responses: { 200: null },
    why: 'Where the links of result.reports lead; where the original keeps its reports is not documented.',
  },
]

/** Answers other than the documented ones that any call may give. */
export const COMMON_ERRORS: Readonly<Record<number, Schema>> = {
  400: ref('Error'),
  401: ref('Error'),
  403: ref('Error'),
  404: ref('Error'),
  405: ref('Error'),
  406: ref('Error'),
  408: ref('Error'),
  409: ref('Error'),
  413: ref('TooLarge'),
  415: ref('Error'),
  417: ref('Error'),
  429: ref('Error'),
  431: ref('Error'),
  500: ref('Error'),
  503: ref('Error'),
}

/**
 * `?async_action_id=` answers with the action instead of a list. Our own document describes the list only; the
 * answer is checked as either.
 */
export const ANSWER_ALTERNATIVES: Readonly<Record<string, Schema>> = {
  'GET /v1/async-actions': among(ref('AsyncActionList'), ref('AsyncAction')),
}

function resultOf(type: string, schema: string): Case {
  return { property: 'type', equals: type, then: { properties: { result: ref(schema) } } }
}
