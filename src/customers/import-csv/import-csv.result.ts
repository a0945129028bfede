import { Injectable, type OnModuleInit } from '@nestjs/common'
import { type ResultShape, ResultShapes } from '../../async-actions/index.js'
import { IMPORT_CSV } from './import-csv.handler.js'

/** How clients expect the end of a CSV import to be told; the report is ours to add. */
@Injectable()
export class ImportCsvResult implements OnModuleInit {
  constructor(private readonly shapes: ResultShapes) {}

  onModuleInit(): void {
    this.shapes.register(IMPORT_CSV, toImportResult)
  }
}

export const toImportResult: ResultShape = (ended) => ({
  message: `${ended.doneCount} customer(s) imported successfully, ${ended.failedCount} failed.`,
  failed: ended.failures.map(({ source_id, row, details }) => ({ source_id, row, reason: details })),
  done_count: ended.doneCount,
  failed_count: ended.failedCount,
  reports: [...ended.reports],
  reports_available_till: ended.reportsAvailableTill,
})
