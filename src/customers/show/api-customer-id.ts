import { ApiParam } from '@nestjs/swagger'

/** Documents the path parameter by which a customer is named. */
export const ApiCustomerId = (): MethodDecorator =>
  ApiParam({
    name: 'customerId',
    example: 'John.Smith@email.com',
    description: 'Our id or your `source_id` of the customer, URL-encoded.',
  })
