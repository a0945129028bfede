import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs'
import { Settings } from '../../config/index.js'
import { readCustomer } from '../domain/customer-row.js'
import { readOrRefuse } from '../rows/refused-request.js'
import { type CustomerView } from '../show/customer.read-model.js'
import { CustomerWriter } from '../store/customer.writer.js'
import { CreateCustomerCommand } from './create-customer.command.js'

@CommandHandler(CreateCustomerCommand)
export class CreateCustomerHandler implements ICommandHandler<CreateCustomerCommand> {
  constructor(
    private readonly writer: CustomerWriter,
    private readonly settings: Settings,
  ) {}

  execute({ context, customer }: CreateCustomerCommand): Promise<CustomerView> {
    const row = readOrRefuse(() => readCustomer(customer, this.settings))
    return this.writer.upsert(context, () => row)
  }
}
