import * as fc from 'fast-check'

/** What has broken others before. */
const NOTORIOUS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\udc00x',
  '\ufeff',
  '\u202e',
  '\u2028',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'undefined',
  'NaN',
  '-1',
  '1e400',
  '2023-02-30',
  'infinity',
  'today',
  '9999-12-31T23:59:59.999999999Z',
  '0000-00-00',
  "'; DROP TABLE customers; --",
  '$1',
  '%s%n',
  '%zz',
  '%00',
  '../../etc/passwd',
  '=cmd()',
  '${jndi:ldap://localhost/x}',
  '<script>alert(1)</script>',
  '\u001b[31m',
  'a'.repeat(300),
  '😀'.repeat(1_001),
  'ﷺ'.repeat(700),
  'x'.repeat(3_000),
]

/** Any text at all, and those that have broken others more often. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NOTORIOUS),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
)

/** What can stand in a header: Latin-1 without control characters. */
export const headerText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    'null',
    '*/*',
    'a'.repeat(256),
    'a'.repeat(300),
    'text/plain',
    '\u00e9',
    '"',
    ',',
    ';q=0',
  ),
  fc
    .array(fc.integer({ min: 0x20, max: 0xff }), { maxLength: 30 })
    .map((codes) => String.fromCharCode(...codes.filter((code) => code < 0x7f || code > 0x9f))),
)
