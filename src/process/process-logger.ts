import { ConsoleLogger } from '@nestjs/common'

/** Where Nest tells of every module and route it loads: true at each start, and of no use to an operator. */
const FRAMEWORK = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
])

/** Nest's own logger, without Nest's own news: one JSON object a line, readable lines on a terminal. */
export class ProcessLogger extends ConsoleLogger {
  override log(message: unknown, ...rest: unknown[]): void {
    if (FRAMEWORK.has(String(rest.at(-1)))) return
    super.log(message, ...rest)
  }
}
