import { NestFactory } from '@nestjs/core'
import { type NestExpressApplication } from '@nestjs/platform-express'
import express from 'express'
import helmet from 'helmet'
import { AppModule } from '../app.module.js'
import { LOG_LEVELS, type Settings } from '../config/index.js'
import { nameRequest, serveDocs } from '../http/index.js'
import { ProcessLogger } from './process-logger.js'
import { version } from './version.js'

/** Token requests are a few dozen bytes. */
const FORM_LIMIT_BYTES = 16_384

/** The Nest application of this process' role, not yet listening. */
export async function createApp(settings: Settings): Promise<NestExpressApplication> {
  const worker = settings.role === 'worker'
  const app = await NestFactory.create<NestExpressApplication>(
    worker ? AppModule.forWorker(settings) : AppModule.forApi(settings),
    // Bodies are read after authentication, by the routes that take one.
    { bodyParser: false, abortOnError: false, logger: createLogger(settings) },
  )
  app.use(nameRequest)
  if (!worker) configureApi(app, settings)
  return app
}

function configureApi(app: NestExpressApplication, settings: Settings): void {
  app.use(helmet({ contentSecurityPolicy: false }))
  app.use('/v1/oauth', express.urlencoded({ extended: false, limit: FORM_LIMIT_BYTES }))
  const origin = settings.corsOrigins?.split(',').map((item) => item.trim())
  if (origin) app.enableCors({ origin })
  serveDocs(app, version())
}

const createLogger = ({ logLevel, role }: Settings): ProcessLogger =>
  new ProcessLogger({
    prefix: `rollcall ${role}`,
    logLevels: LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(logLevel) + 1),
    json: !process.stdout.isTTY,
  })
