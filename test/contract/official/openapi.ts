/** Reading OpenAPI documents: references followed, `allOf` merged, one level at a time. */
import { type Endpoint } from './endpoints.js'

/** A schema as OpenAPI writes it. */
export interface OpenApiSchema {
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly nullable?: boolean
  readonly items?: OpenApiSchema
  readonly properties?: Readonly<Record<string, OpenApiSchema>>
  readonly required?: readonly string[] | boolean
  readonly additionalProperties?: OpenApiSchema | boolean
  readonly allOf?: readonly OpenApiSchema[]
  readonly oneOf?: readonly OpenApiSchema[]
  readonly anyOf?: readonly OpenApiSchema[]
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: OpenApiSchema }>>
}

interface Parameter {
  readonly $ref?: string
  readonly name?: string
  readonly in?: string
  readonly required?: boolean
  readonly schema?: OpenApiSchema
}

interface Operation {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: Content
  readonly responses: Readonly<Record<string, Content>>
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
}

/** The parts of an OpenAPI document that matter here. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas?: Readonly<Record<string, OpenApiSchema>>
    readonly parameters?: Readonly<Record<string, Parameter>>
  }
}

export type Method = Endpoint['method']

/** One level of a schema, with nothing left to follow or to merge. */
export interface FlatSchema {
  readonly type: string | undefined
  readonly format: string | undefined
  readonly enum: readonly string[] | undefined
  readonly minimum: number | undefined
  readonly maximum: number | undefined
  readonly nullable: boolean
  readonly items: OpenApiSchema | undefined
  readonly properties: Readonly<Record<string, OpenApiSchema>>
  readonly required: readonly string[]
  readonly values: OpenApiSchema | undefined
  readonly alternatives: readonly OpenApiSchema[]
}

const NOTHING: FlatSchema = {
  type: undefined,
  format: undefined,
  enum: undefined,
  minimum: undefined,
  maximum: undefined,
  nullable: false,
  items: undefined,
  properties: {},
  required: [],
  values: undefined,
  alternatives: [],
}

export function flatten(schema: OpenApiSchema, document: OpenApiDocument): FlatSchema {
  if (schema.$ref !== undefined) return flatten(lookUp(schema.$ref, document), document)
  const parts = (schema.allOf ?? []).map((part) => flatten(part, document))
  const merged = [...parts, ownPart(schema)].reduce(merge, NOTHING)
  // Some descriptions leave the type of an object to be guessed.
  const type = merged.type ?? (Object.keys(merged.properties).length > 0 ? 'object' : undefined)
  return { ...merged, type }
}

function ownPart(schema: OpenApiSchema): FlatSchema {
  const { additionalProperties, required } = schema
  return {
    type: schema.type,
    format: schema.type === 'object' ? undefined : schema.format,
    enum: schema.enum?.map(String),
    minimum: schema.minimum,
    maximum: schema.maximum,
    nullable: schema.nullable ?? false,
    items: schema.items,
    properties: schema.properties ?? {},
    required: Array.isArray(required) ? (required as string[]) : [],
    values: typeof additionalProperties === 'object' ? additionalProperties : undefined,
    alternatives: schema.oneOf ?? schema.anyOf ?? [],
  }
}

const merge = (one: FlatSchema, other: FlatSchema): FlatSchema => ({
  type: other.type ?? one.type,
  format: other.format ?? one.format,
  enum: other.enum ?? one.enum,
  minimum: other.minimum ?? one.minimum,
  maximum: other.maximum ?? one.maximum,
  nullable: one.nullable || other.nullable,
  items: other.items ?? one.items,
  properties: { ...one.properties, ...other.properties },
  required: [...new Set([...one.required, ...other.required])],
  values: other.values ?? one.values,
  alternatives: other.alternatives.length > 0 ? other.alternatives : one.alternatives,
})

function lookUp(reference: string, { components }: OpenApiDocument): OpenApiSchema {
  const found = components.schemas?.[nameOf(reference)]
  if (found === undefined) throw new Error(`The document has no ${reference}.`)
  return found
}

const nameOf = (reference: string): string => reference.split('/').at(-1) ?? ''

/** What a call takes and answers; undefined when the document does not have it. */
export interface Described {
  readonly query: Readonly<Record<string, Parameter>>
  readonly body: { readonly type: string; readonly schema: OpenApiSchema } | undefined
  /** By status; null is an empty body. */
  readonly responses: Readonly<
    Record<string, { readonly type: string; readonly schema: OpenApiSchema } | null>
  >
  readonly scopes: readonly string[]
}

export function describe(document: OpenApiDocument, method: string, path: string): Described | undefined {
  const operation = document.paths[path]?.[method]
  if (operation === undefined) return undefined
  const parameters = (operation.parameters ?? []).map((parameter) =>
    parameter.$ref === undefined ? parameter : document.components.parameters?.[nameOf(parameter.$ref)],
  )
  const query = parameters.flatMap((parameter) =>
    parameter?.in === 'query' ? [[parameter.name ?? '', parameter] as const] : [],
  )
  return {
    query: Object.fromEntries(query),
    body: contentOf(operation.requestBody ?? {}) ?? undefined,
    responses: Object.fromEntries(
      Object.entries(operation.responses).map(([status, response]) => [status, contentOf(response)]),
    ),
    scopes: (operation.security ?? []).flatMap((alternative) => Object.values(alternative).flat()),
  }
}

function contentOf({ content = {} }: Content): { type: string; schema: OpenApiSchema } | null {
  const [entry] = Object.entries(content)
  return entry === undefined ? null : { type: entry[0], schema: entry[1].schema ?? {} }
}
