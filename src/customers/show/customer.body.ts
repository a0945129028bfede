import { toMicrosText } from '../../kernel/index.js'
import { type CustomerDto } from './customer.dto.js'
import { type CustomerView } from './customer.read-model.js'

/** Orders, redemptions, loyalty and referrals belong to other products: their figures are always zero here. */
const NO_SUMMARY = {
  redemptions: {
    total_redeemed: 0,
    total_failed: 0,
    total_succeeded: 0,
    total_rolled_back: 0,
    total_rollback_failed: 0,
    total_rollback_succeeded: 0,
    gift: { redeemed_amount: 0, amount_to_go: 0 },
    loyalty_card: { redeemed_points: 0, points_to_go: 0 },
  },
  orders: { total_amount: 0, total_count: 0, average_amount: 0, last_order_amount: 0 },
} as const

/** What the OpenAPI document says of a customer; properties that are undefined do not go on the wire. */
export type CustomerBody = {
  [Property in keyof CustomerDto]:
    CustomerDto[Property] | (object extends Pick<CustomerDto, Property> ? undefined : never)
}

/** A customer as on the wire: attributes that were never set, or were cleared, are absent; `address` is not. */
export function toBody({ id, sourceId, document, createdAt, updatedAt }: CustomerView): CustomerBody {
  const { name, description, email, phone, birthday, birthdate, address, metadata } = document
  return {
    id,
    ...(sourceId !== null && { source_id: sourceId }),
    // Undefined properties are left out when the answer is written as JSON.
    name,
    description,
    email,
    phone,
    birthday,
    birthdate,
    address: address ?? null,
    summary: NO_SUMMARY,
    loyalty: { points: 0, referred_customers: 0, campaigns: {} },
    referrals: { total: 0, campaigns: [] },
    metadata,
    system_metadata: {},
    created_at: toMicrosText(createdAt),
    ...(updatedAt !== null && { updated_at: toMicrosText(updatedAt) }),
    object: 'customer',
  }
}
