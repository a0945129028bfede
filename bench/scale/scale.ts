import { type Context, type Findings } from '../context.js'
import { measureDownload } from './download.js'
import { measureGrowth } from './growth.js'
import { measureThroughput } from './throughput.js'

/** What becomes of the figures with more projects, more workers, more customers and longer reports. */
export async function measureScale(context: Context): Promise<Findings> {
  const parts = [
    await measureThroughput(context),
    await measureGrowth(context),
    await measureDownload(context),
  ]
  return {
    text: parts.map(({ text }) => text).join('\n\n'),
    figures: parts.flatMap(({ figures }) => figures),
    details: {},
  }
}
