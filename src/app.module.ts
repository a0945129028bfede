import { type DynamicModule, Module, type Type } from '@nestjs/common'
import { CqrsModule } from '@nestjs/cqrs'
import { AsyncActionsModule } from './async-actions/index.js'
import { AuditModule } from './audit/index.js'
import { AuthModule } from './auth/index.js'
import { API_POOL_SIZE, ConfigModule, type Settings, WORKER_SESSION, workerPoolSize } from './config/index.js'
import { CustomersModule } from './customers/index.js'
import { type ConnectionOptions, DatabaseModule } from './database/index.js'
import { EventStoreModule } from './event-store/index.js'
import { HealthModule } from './health/index.js'
import { HttpModule } from './http/index.js'
import { BEHIND } from './priority/index.js'
import { QueueModule } from './queue/index.js'

/** What a process consists of: the same modules, each with its part for the process' role. */
@Module({})
export class AppModule {
  static forApi(settings: Settings): DynamicModule {
    const asyncActions = AsyncActionsModule.forApi()
    const features = [AuthModule, asyncActions, CustomersModule.forApi(asyncActions)]
    return compose(settings, { poolSize: API_POOL_SIZE, name: 'rollcall api' }, features)
  }

  static forWorker(settings: Settings): DynamicModule {
    const asyncActions = AsyncActionsModule.forWorker(settings)
    const features = [asyncActions, CustomersModule.forWorker(asyncActions), AuditModule]
    const connection = {
      poolSize: workerPoolSize(settings),
      name: 'rollcall worker',
      session: WORKER_SESSION,
      stepsBack: BEHIND.backend,
    }
    return compose(settings, connection, features)
  }
}

const compose = (
  settings: Settings,
  connection: ConnectionOptions,
  features: (DynamicModule | Type)[],
): DynamicModule => ({
  module: AppModule,
  imports: [
    ConfigModule.with(settings),
    CqrsModule.forRoot(),
    DatabaseModule.with(connection),
    EventStoreModule,
    HttpModule,
    QueueModule.with(settings),
    HealthModule,
    ...features,
  ],
})
