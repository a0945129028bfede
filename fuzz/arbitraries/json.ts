import * as fc from 'fast-check'
import { hostileText } from './texts.js'

/** JSON that no value of JavaScript stands for, such as a number beyond all numbers. */
export class Raw {
  constructor(readonly text: string) {}
}

/** An object that may have the same name twice. */
export class Fields {
  constructor(readonly entries: readonly (readonly [string, unknown])[]) {}
}

const nested = (levels: number): Raw => new Raw('['.repeat(levels) + ']'.repeat(levels))

/** Any JSON there is, and what has broken others more often. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    0.1,
    2 ** 53,
    [],
    {},
    [null],
    new Raw('-0'),
    new Raw('1e400'),
    new Raw('-1e400'),
    new Raw('12345678901234567890'),
    new Raw('0.12345678901234567890'),
    new Raw('{"__proto__":{"polluted":true}}'),
    new Raw('{"constructor":{"prototype":{"polluted":true}}}'),
    new Raw('{"a":1,"a":2}'),
    new Raw('"\\ud800"'),
    new Raw('"\\u0000"'),
    nested(33),
    nested(1_000),
    nested(10_001),
  ),
  fc.jsonValue({ maxDepth: 3 }),
)

/** What is no JSON, or not all of it. */
export const noJson: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    '[',
    '{',
    '[1,]',
    '{"a":1,}',
    "{'a':1}",
    'NaN',
    '[]]',
    '\ufeff[]',
    '// []',
    '[{"source_id":"a"}',
    '\0',
  ),
  hostileText,
)

/** As JSON.stringify, and {@link Raw} and {@link Fields} too. */
export function toJson(value: unknown): string {
  if (value instanceof Raw) return value.text
  if (value instanceof Fields)
    return `{${value.entries.map(([name, field]) => `${JSON.stringify(name)}:${toJson(field)}`).join()}}`
  if (Array.isArray(value)) return `[${value.map(toJson).join()}]`
  if (value !== null && typeof value === 'object') return toJson(new Fields(Object.entries(value)))
  return JSON.stringify(value ?? null)
}
