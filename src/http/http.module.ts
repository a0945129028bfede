import { Global, Module } from '@nestjs/common'
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core'
import { AcceptInterceptor } from './accept.interceptor.js'
import { ErrorFilter } from './error.filter.js'
import { PublicAddress } from './public-address.js'
import { RegisteredRoutes } from './registered-routes.js'
import { Hurry } from './uploads/hurry.js'
import { UploadGate } from './uploads/upload-gate.interceptor.js'

@Global()
@Module({
  providers: [
    PublicAddress,
    RegisteredRoutes,
    Hurry,
    UploadGate,
    { provide: APP_FILTER, useClass: ErrorFilter },
    { provide: APP_INTERCEPTOR, useClass: AcceptInterceptor },
  ],
  exports: [PublicAddress, RegisteredRoutes, UploadGate],
})
export class HttpModule {}
