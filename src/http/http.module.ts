import { Global, Module } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { ErrorFilter } from './error.filter.js'
import { PublicAddress } from './public-address.js'

@Global()
@Module({
  providers: [PublicAddress, { provide: APP_FILTER, useClass: ErrorFilter }],
  exports: [PublicAddress],
})
export class HttpModule {}
