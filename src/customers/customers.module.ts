import { type DynamicModule, Module, type OnModuleInit } from '@nestjs/common'
import { CqrsModule } from '@nestjs/cqrs'
import { EventStore } from '../event-store/index.js'
import { ListActivityController } from './activity/list-activity.controller.js'
import { ListCustomerActivityHandler } from './activity/list-activity.query.js'
import { BulkUpdateChunkHandler } from './bulk-update/bulk-update.chunk-handler.js'
import { BulkUpdateController } from './bulk-update/bulk-update.controller.js'
import { BulkUpdateCustomersHandler } from './bulk-update/bulk-update.handler.js'
import { PayloadCutter } from './payload/payload-cutter.js'
import { CUSTOMER_EVENT_TYPES } from './domain/customer.events.js'
import { CustomerPayloadErasers } from './erase/customer-payload-erasers.js'
import { EraseCustomerController } from './erase/erase-customer.controller.js'
import { EraseCustomerHandler } from './erase/erase-customer.handler.js'
import { GetCustomerController } from './get/get-customer.controller.js'
import { GetCustomerHandler } from './get/get-customer.query.js'
import { CustomerRepository } from './store/customer.repository.js'
import { CustomerWriter } from './store/customer.writer.js'

@Module({})
export class CustomersModule implements OnModuleInit {
  constructor(private readonly events: EventStore) {}

  onModuleInit(): void {
    this.events.register(CUSTOMER_EVENT_TYPES)
  }

  /** The endpoints; `asyncActions` accepts what they schedule. */
  static forApi(asyncActions: DynamicModule): DynamicModule {
    return {
      module: CustomersModule,
      imports: [CqrsModule, asyncActions],
      controllers: [
        BulkUpdateController,
        EraseCustomerController,
        GetCustomerController,
        ListActivityController,
      ],
      providers: [
        BulkUpdateCustomersHandler,
        CustomerRepository,
        CustomerWriter,
        EraseCustomerHandler,
        GetCustomerHandler,
        ListCustomerActivityHandler,
        PayloadCutter,
        CustomerPayloadErasers,
      ],
    }
  }

  /** The chunk handlers; `asyncActions` runs them. */
  static forWorker(asyncActions: DynamicModule): DynamicModule {
    return {
      module: CustomersModule,
      imports: [asyncActions],
      providers: [BulkUpdateChunkHandler, CustomerRepository],
    }
  }
}
