/** What an application id that an operator chooses must be. In the audit log `(` and `outside:` begin other names. */
export const APP_ID_RULE = {
  pattern: /^(?!\(|outside:)[\x21-\x7e]{8,128}$/,
  must: 'be 8 to 128 visible ASCII characters, and not begin with ( or outside:',
} as const

/** What the secret that goes with it must be. */
export const APP_TOKEN_RULE = {
  pattern: /^[\x21-\x7e]{16,256}$/,
  must: 'be 16 to 256 visible ASCII characters',
} as const
