import { Injectable, type OnModuleInit } from '@nestjs/common'
import { type PayloadEraser, PayloadErasers } from '../../async-actions/index.js'
import { BULK_UPDATE } from '../bulk-update/bulk-update.handler.js'
import { IMPORT_CSV } from '../import-csv/import-csv.handler.js'
import { METADATA_UPDATE } from '../metadata-update/metadata-update.handler.js'
import { eraseCsvRows, eraseCustomers, eraseSourceIds } from '../domain/erased.js'

/** How the stored chunks of each operation on customers lose a person. */
const ERASERS: Readonly<Record<string, PayloadEraser>> = {
  [BULK_UPDATE]: eraseCustomers,
  [IMPORT_CSV]: eraseCsvRows,
  [METADATA_UPDATE]: eraseSourceIds,
}

/** Tells the async actions how rows that wait lose a person. */
@Injectable()
export class CustomerPayloadErasers implements OnModuleInit {
  constructor(private readonly erasers: PayloadErasers) {}

  onModuleInit(): void {
    for (const [operation, eraser] of Object.entries(ERASERS)) this.erasers.register(operation, eraser)
  }
}
