import { NestFactory } from '@nestjs/core'
import { type NestExpressApplication } from '@nestjs/platform-express'
import { AppModule } from '../app.module.js'
import { LOG_LEVELS, type Settings } from '../config/index.js'
import {
  answerUnreadableRequests,
  Hurry,
  leaveRefusalsToUs,
  nameRequest,
  refuseAmbiguous,
  RegisteredRoutes,
  REPLAY_HEADER,
  REQUEST_ID_HEADER,
  securityHeaders,
  serveDocs,
  tidyPath,
} from '../http/index.js'
import { RATE_LIMIT_HEADERS } from '../rate-limits/index.js'
import { ProcessLogger } from './process-logger.js'
import { version } from './version.js'

/** The Nest application of this process' role, not yet listening. */
export async function createApp(settings: Settings): Promise<NestExpressApplication> {
  const worker = settings.role === 'worker'
  const app = await NestFactory.create<NestExpressApplication>(
    worker ? AppModule.forWorker(settings) : AppModule.forApi(settings),
    // Bodies are read after authentication, by the routes that take one.
    { bodyParser: false, abortOnError: false, logger: createLogger(settings) },
  )
  answerUnreadableRequests(app.getHttpServer())
  leaveRefusalsToUs(app.getHttpServer())
  app.use(nameRequest)
  app.use(securityHeaders(settings.publicUrl))
  app.use(refuseAmbiguous)
  app.use(app.get(Hurry).watch)
  app.use(tidyPath)
  if (!worker) configureApi(app, settings)
  return app
}

function configureApi(app: NestExpressApplication, settings: Settings): void {
  const origin = settings.corsOrigins?.split(',').map((item) => item.trim())
  app.use(app.get(RegisteredRoutes).answerOptions({ preflights: origin !== undefined }))
  if (origin)
    app.enableCors({
      origin,
      exposedHeaders: [REQUEST_ID_HEADER, REPLAY_HEADER, 'Retry-After', ...RATE_LIMIT_HEADERS],
    })
  serveDocs(app, version())
}

const createLogger = ({ logLevel, role }: Settings): ProcessLogger =>
  new ProcessLogger({
    prefix: `rollcall ${role}`,
    logLevels: LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(logLevel) + 1),
    json: !process.stdout.isTTY,
  })
