import { ApiProperty } from '@nestjs/swagger'

const count = (description: string) => ({ type: 'integer', example: 0, description }) as const

/** Gift cards of a customer. */
export class GiftFiguresDto {
  @ApiProperty(count('Amount redeemed from gift cards.'))
  redeemed_amount!: 0

  @ApiProperty(count('Amount left on gift cards.'))
  amount_to_go!: 0
}

/** Loyalty cards of a customer. */
export class LoyaltyCardFiguresDto {
  @ApiProperty(count('Points redeemed.'))
  redeemed_points!: 0

  @ApiProperty(count('Points left.'))
  points_to_go!: 0
}

/** Redemptions of a customer. */
export class RedemptionFiguresDto {
  @ApiProperty(count('Redemptions in all.'))
  total_redeemed!: 0

  @ApiProperty(count('Redemptions that failed.'))
  total_failed!: 0

  @ApiProperty(count('Redemptions that succeeded.'))
  total_succeeded!: 0

  @ApiProperty(count('Redemptions that were rolled back.'))
  total_rolled_back!: 0

  @ApiProperty(count('Rollbacks that failed.'))
  total_rollback_failed!: 0

  @ApiProperty(count('Rollbacks that succeeded.'))
  total_rollback_succeeded!: 0

  @ApiProperty({ type: GiftFiguresDto, description: 'Gift cards.' })
  gift!: GiftFiguresDto

  @ApiProperty({ type: LoyaltyCardFiguresDto, description: 'Loyalty cards.' })
  loyalty_card!: LoyaltyCardFiguresDto
}

/** Orders of a customer. */
export class OrderFiguresDto {
  @ApiProperty(count('Amount of all orders.'))
  total_amount!: 0

  @ApiProperty(count('Number of orders.'))
  total_count!: 0

  @ApiProperty(count('Average amount of an order.'))
  average_amount!: 0

  @ApiProperty(count('Amount of the last order.'))
  last_order_amount!: 0
}

/** What a customer redeemed and ordered. */
export class SummaryDto {
  @ApiProperty({ type: RedemptionFiguresDto, description: 'Redemptions: always zero.' })
  redemptions!: RedemptionFiguresDto

  @ApiProperty({ type: OrderFiguresDto, description: 'Orders: always zero.' })
  orders!: OrderFiguresDto
}

/** Loyalty points of a customer. */
export class LoyaltyDto {
  @ApiProperty(count('Points in all.'))
  points!: 0

  @ApiProperty(count('Customers that were referred.'))
  referred_customers!: 0

  @ApiProperty({
    type: 'object',
    additionalProperties: {
      type: 'object',
      properties: {
        points: count('Points in the campaign.'),
        loyalty_tier: { type: 'string', description: 'Tier in the campaign.' },
        referred_customers: count('Customers that were referred.'),
      },
    },
    example: {},
    description: 'By campaign: always empty.',
  })
  campaigns!: object
}

/** How a customer was referred in a campaign. */
export class ReferralDto {
  @ApiProperty({ description: 'Id of the campaign.' })
  campaign_id!: string

  @ApiProperty({ description: 'Id of the customer who referred.' })
  referrer_id!: string

  @ApiProperty({ description: 'Id of what came of it.' })
  related_object_id!: string

  @ApiProperty({ description: 'What came of it.' })
  related_object_type!: string

  @ApiProperty({ format: 'date-time', description: 'When.' })
  date!: string
}

/** Referrals of a customer. */
export class ReferralsDto {
  @ApiProperty(count('Referrals in all.'))
  total!: 0

  @ApiProperty({ type: [ReferralDto], example: [], description: 'By campaign: always empty.' })
  campaigns!: ReferralDto[]
}
