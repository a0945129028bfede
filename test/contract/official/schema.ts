/**
 * The shape of JSON, in the few words that the official API description needs. Texts of that description
 * (descriptions, titles, examples, defaults) have no place here; what is here are names, types, and what is
 * required.
 */
export interface Schema {
  /** The name of a definition that stands here. */
  readonly ref?: string
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean'
  readonly format?: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly nullable?: true
  readonly items?: Schema
  /** An object has these properties and no others … */
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  /** … or any properties, whose values look like this … */
  readonly values?: Schema
  /** … or anything at all. */
  readonly free?: true
  /** One of these; the official description has further ones, which do not concern customers. */
  readonly among?: readonly Schema[]
  /** What holds besides when a property has a value; only corrections say so. */
  readonly cases?: readonly Case[]
}

export interface Case {
  readonly property: string
  readonly equals: string | boolean
  readonly then: {
    readonly properties?: Readonly<Record<string, Schema>>
    readonly required?: readonly string[]
  }
}

type Properties = Readonly<Record<string, Schema>>

export const text: Schema = { type: 'string' }
export const date: Schema = { type: 'string', format: 'date' }
export const dateTime: Schema = { type: 'string', format: 'date-time' }
export const binary: Schema = { type: 'string', format: 'binary' }
export const integer: Schema = { type: 'integer' }
export const flag: Schema = { type: 'boolean' }
export const anything: Schema = { type: 'object', free: true }

export const oneOf = (...values: string[]): Schema => ({ type: 'string', enum: values })
export const between = (minimum: number, maximum: number): Schema => ({ type: 'integer', minimum, maximum })
export const list = (items: Schema): Schema => ({ type: 'array', items })
export const dictionary = (values: Schema): Schema => ({ type: 'object', values })
export const ref = (name: string): Schema => ({ ref: name })
export const nullable = (schema: Schema): Schema => ({ ...schema, nullable: true })
export const among = (...alternatives: Schema[]): Schema => ({ among: alternatives })

/** An object whose properties are all required, but for those in `optional`. */
export const object = (required: Properties, optional: Properties = {}): Schema => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
})

/** An object of which the official description requires nothing. */
export const loose = (optional: Properties): Schema => object({}, optional)
