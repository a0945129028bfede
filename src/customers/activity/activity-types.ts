/** Ways in which other products reach customers, each with three kinds of events. */
const MESSENGERS = [
  'sms',
  'email',
  'activecampaign',
  'braze',
  'mailchimp',
  'intercom',
  'shopify',
  'klaviyo',
  'batch',
]

const named = (family: string, ...names: string[]): string[] =>
  names.map((name) => `customer.${family}.${name}`)

/** Every type of customer event that clients may filter by. Only the first two ever happen here. */
export const ACTIVITY_TYPE_NAMES: readonly string[] = [
  'customer.created',
  'customer.updated',
  'customer.deleted',
  'customer.confirmed',
  'customer.referred',
  'customer.custom_event',
  'customer.rewarded',
  'customer.rewarded.loyalty_points',
  ...named('segment', 'entered', 'left'),
  ...MESSENGERS.flatMap((messenger) => named(messenger, 'sent', 'recovered', 'failed')),
  ...named('voucher', 'deleted', 'gift.balance_added'),
  ...named(
    'voucher.loyalty_card',
    'points_activated',
    'points_added',
    'points_transferred',
    'points_expired',
  ),
  ...named('voucher.loyalty_card.pending_points', 'activated', 'added', 'canceled', 'updated'),
  ...named('publication', 'succeeded', 'failed'),
  ...named('validation', 'succeeded', 'failed'),
  ...named('redemption', 'succeeded', 'failed', 'rollback.succeeded', 'rollback.failed'),
  ...named('order', 'canceled', 'created', 'fulfilled', 'paid', 'processing', 'updated'),
  ...named('reward_redemptions', 'created', 'pending', 'completed', 'rolledback'),
  ...named('loyalty', 'updated'),
  ...named('loyalty.tier', 'upgraded', 'downgraded', 'prolonged', 'expiration.changed', 'joined', 'left'),
  ...named('holder.assignment', 'created', 'deleted'),
]
