import { checkAction, same } from '../checks.js'
import { type Context } from '../context.js'
import { makePayload } from '../payloads.js'
import { type Figure, figure, single } from '../report/figures.js'
import { count, line, megabytes, spread } from '../report/format.js'
import { spreadOf } from '../statistics.js'
import { withRollcall } from '../system/rollcall.js'

/** How fast the longest report is downloaded, and what that takes of memory. */
export async function measureDownload(context: Context): Promise<{ text: string; figures: Figure[] }> {
  const { bytes, rounds } = context.options
  const { bodies, rows } = makePayload('minimal', bytes)
  return withRollcall(context, { name: 'bench_download' }, async (rollcall) => {
    const project = await rollcall.addProject('Report')
    const { action } = await rollcall.run(project, bodies.new)
    checkAction(rollcall, action, rows)
    const before = rollcall.processes.watchMemory()().api
    const memory = rollcall.processes.watchMemory()
    const speeds: number[] = []
    let size = 0
    for (let round = 0; round < rounds; round++) {
      const begin = performance.now()
      const download = await project.http.download(action.result?.reports[0] ?? '')
      speeds.push(download.bytes / ((performance.now() - begin) / 1000))
      same('status of the report', download.status, 200)
      same('lines of the report', download.lines, rows + 1)
      size = download.bytes
    }
    const [speed, peak] = [spreadOf(speeds), memory().api]
    const inMegabytes = { median: speed.median / 1e6, min: speed.min / 1e6, max: speed.max / 1e6 }
    return {
      text: [
        `Download of a report of ${count(rows)} rows, ${count(size)} bytes`,
        line('MB per second', spread(inMegabytes, 1)),
        line('API memory (PSS) before, at most', megabytes(before), megabytes(peak)),
      ].join('\n'),
      figures: [
        figure('download of a report: speed', 'bytes/s', speed),
        single('download of a report: memory of the API before', 'bytes', before),
        single('download of a report: memory of the API at most', 'bytes', peak),
      ],
    }
  })
}
