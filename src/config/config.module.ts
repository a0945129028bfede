import { type DynamicModule, Global, Module } from '@nestjs/common'
import { Settings } from './settings.js'

/** Makes the checked settings of this process injectable everywhere. */
@Global()
@Module({})
export class ConfigModule {
  static with(settings: Settings): DynamicModule {
    return {
      module: ConfigModule,
      providers: [{ provide: Settings, useValue: settings }],
      exports: [Settings],
    }
  }
}
