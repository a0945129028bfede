export { CustomersModule } from './customers.module.js'
export { CUSTOMER_EVENT_TYPES } from './domain/customer.events.js'
export { CUSTOMER_TOTALS, CUSTOMERS_PROJECTION } from './rebuild/customers-projection.js'
