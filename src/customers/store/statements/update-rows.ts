/**
 * The UPDATE of customers from rows of id, place, loaded_version, version, updated_at and document. By the place where it
 * was loaded in the same transaction each is found at once: with its key looked up once more 111,669 changed customers
 * took PostgreSQL 1.53 s of CPU instead of 1.37 s, and the request 1.35 s instead of 1.26 s (medians of eight, two
 * workers of each). A place says nothing for ever: the row may have been changed meanwhile, and lie elsewhere, or be
 * gone, and another one lie there. So id and version are checked on the row itself.
 */
export const updateRows = (source: string): string => `
  UPDATE customers SET version = next.version, updated_at = next.updated_at, document = next.document
  FROM ${source} AS next
  WHERE customers.ctid = next.place AND customers.id = next.id AND customers.version = next.loaded_version`
