import { Injectable, type OnModuleInit } from '@nestjs/common'
import { type PayloadEraser, PayloadErasers } from '../../async-actions/index.js'
import { BULK_UPDATE } from '../bulk-update/bulk-update.handler.js'
import { IMPORT_CSV } from '../import-csv/import-csv.handler.js'
import { METADATA_UPDATE } from '../metadata-update/metadata-update.handler.js'
import { ERASED, type Erasable, eraseCsvRows, eraseSourceIds, placesOfPerson } from '../domain/erased.js'
import { type JsonValue } from '../../kernel/index.js'
import { replaceItems } from '../payload/replace-items.js'

/** How the stored chunks of each operation on customers lose a person. */
const ERASERS: Readonly<Record<string, PayloadEraser>> = {
  [BULK_UPDATE]: ({ text, content }, subject) => {
    const places = placesOfPerson(content, subject)
    return places.size === 0 ? undefined : replaceItems(text, places, JSON.stringify(ERASED))
  },
  [IMPORT_CSV]: writtenAnew(eraseCsvRows),
  [METADATA_UPDATE]: writtenAnew(eraseSourceIds),
}

/** Of what we wrote ourselves the JSON is the same when it is written once more. */
function writtenAnew(erase: (content: JsonValue, subject: Erasable) => JsonValue | undefined): PayloadEraser {
  return ({ content }, subject) => {
    const erased = erase(content, subject)
    return erased === undefined ? undefined : JSON.stringify(erased)
  }
}

/** Tells the async actions how rows that wait lose a person. */
@Injectable()
export class CustomerPayloadErasers implements OnModuleInit {
  constructor(private readonly erasers: PayloadErasers) {}

  onModuleInit(): void {
    for (const [operation, eraser] of Object.entries(ERASERS)) this.erasers.register(operation, eraser)
  }
}
