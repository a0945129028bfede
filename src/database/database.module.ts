import { type DynamicModule, Global, Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { Settings } from '../config/index.js'
import { type ConnectionOptions, dataSourceOptions } from './data-source.js'
import { isLoginRefused } from './database-errors.js'
import { Database } from './database.js'

@Global()
@Module({})
export class DatabaseModule {
  /** One pool for this process; modules add their entities with `TypeOrmModule.forFeature`. */
  static with(connection: ConnectionOptions): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [Settings],
          useFactory: ({ databaseUrl = '' }: Settings) => ({
            ...dataSourceOptions(databaseUrl, connection),
            autoLoadEntities: true,
            toRetry: (error: unknown) => !isLoginRefused(error),
          }),
        }),
      ],
      providers: [Database],
      exports: [Database],
    }
  }
}
