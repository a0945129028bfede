import { createHash } from 'node:crypto'
import { randomAlphanumerics } from '../kernel/index.js'

/** How secrets are stored. They are random and long, so that a plain hash cannot be searched through. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** A new secret of an application: 238 random bits, behind a word by which one that leaked is found. */
export const newAppToken = (): string => `rollcall_${randomAlphanumerics(40)}`
