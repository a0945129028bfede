import { type Application } from 'express'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import 'reflect-metadata'
import type * as config from '../../src/config/index.js'
import type * as createAppModule from '../../src/process/create-app.js'

interface Layer {
  readonly route?: {
    readonly path: string | string[]
    readonly methods: Readonly<Record<string, boolean>>
  }
}

/**
 * What a process of this role answers, as its router has it: `GET /v1/customers/{customerId}`. It is the compiled
 * process, because the threads that cut requests can be started only from there.
 */
export async function registeredRoutes(databaseUrl: string, role: 'api' | 'worker'): Promise<string[]> {
  const { loadSettings, createApp } = compiled()
  const app = await createApp(
    loadSettings({ DATABASE_URL: databaseUrl, ROLE: role, HOST: '127.0.0.1', LOG_LEVEL: 'error' }),
  )
  try {
    await app.init()
    const { router } = app.getHttpAdapter().getInstance() as Application
    return [...new Set((router.stack as unknown as Layer[]).flatMap(namesOf))].sort()
  } finally {
    await app.close()
  }
}

function namesOf({ route }: Layer): string[] {
  if (route === undefined) return []
  const paths = [route.path].flat().map((path) => path.replace(/:(\w+)/g, '{$1}'))
  return Object.keys(route.methods).flatMap((method) =>
    paths.map((path) => `${method.toUpperCase()} ${path}`),
  )
}

function compiled() {
  const require = createRequire(join(__dirname, '..', '..', 'dist', 'main.js'))
  return {
    ...(require('./config/index.js') as typeof config),
    ...(require('./process/create-app.js') as typeof createAppModule),
  }
}
