import { createHash } from 'node:crypto'

/** How secrets are stored. They are random and long, so that a plain hash cannot be searched through. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest()
