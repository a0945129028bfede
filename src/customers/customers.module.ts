import { type DynamicModule, Module, type OnModuleInit } from '@nestjs/common'
import { CqrsModule } from '@nestjs/cqrs'
import { EventStore } from '../event-store/index.js'
import { ListActivityController } from './activity/list-activity.controller.js'
import { ListCustomerActivityHandler } from './activity/list-activity.query.js'
import { BulkUpdateChunkHandler } from './bulk-update/bulk-update.chunk-handler.js'
import { BulkUpdateController } from './bulk-update/bulk-update.controller.js'
import { BulkUpdateCustomersHandler } from './bulk-update/bulk-update.handler.js'
import { CreateCustomerController } from './create/create-customer.controller.js'
import { CreateCustomerHandler } from './create/create-customer.handler.js'
import { DeleteCustomerController } from './delete/delete-customer.controller.js'
import { DeleteCustomerHandler } from './delete/delete-customer.handler.js'
import { CUSTOMER_EVENT_TYPES } from './domain/customer.events.js'
import { CustomerPayloadErasers } from './erase/customer-payload-erasers.js'
import { EraseCustomerController } from './erase/erase-customer.controller.js'
import { EraseCustomerHandler } from './erase/erase-customer.handler.js'
import { GetCustomerController } from './get/get-customer.controller.js'
import { GetCustomerHandler } from './get/get-customer.query.js'
import { ImportCsvChunkHandler } from './import-csv/import-csv.chunk-handler.js'
import { ImportCsvController } from './import-csv/import-csv.controller.js'
import { ImportCustomersCsvHandler } from './import-csv/import-csv.handler.js'
import { ImportCsvResult } from './import-csv/import-csv.result.js'
import { ListCustomersController } from './list/list-customers.controller.js'
import { ListCustomersHandler } from './list/list-customers.query.js'
import { MetadataUpdateChunkHandler } from './metadata-update/metadata-update.chunk-handler.js'
import { MetadataUpdateController } from './metadata-update/metadata-update.controller.js'
import { UpdateCustomersMetadataHandler } from './metadata-update/metadata-update.handler.js'
import { PayloadCutter } from './payload/payload-cutter.js'
import { CustomerRepository } from './store/customer.repository.js'
import { CustomerWriter } from './store/customer.writer.js'
import { UpdateCustomerController } from './update/update-customer.controller.js'
import { UpdateCustomerHandler } from './update/update-customer.handler.js'

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
        MetadataUpdateController,
        ImportCsvController,
        CreateCustomerController,
        DeleteCustomerController,
        EraseCustomerController,
        ListActivityController,
        GetCustomerController,
        ListCustomersController,
        UpdateCustomerController,
      ],
      providers: [
        BulkUpdateCustomersHandler,
        UpdateCustomersMetadataHandler,
        ImportCustomersCsvHandler,
        ImportCsvResult,
        CreateCustomerHandler,
        CustomerRepository,
        CustomerWriter,
        CustomerPayloadErasers,
        DeleteCustomerHandler,
        EraseCustomerHandler,
        ListCustomerActivityHandler,
        GetCustomerHandler,
        ListCustomersHandler,
        PayloadCutter,
        UpdateCustomerHandler,
      ],
    }
  }

  /** The chunk handlers; `asyncActions` runs them. */
  static forWorker(asyncActions: DynamicModule): DynamicModule {
    return {
      module: CustomersModule,
      imports: [asyncActions],
      providers: [
        BulkUpdateChunkHandler,
        MetadataUpdateChunkHandler,
        ImportCsvChunkHandler,
        CustomerRepository,
      ],
    }
  }
}
