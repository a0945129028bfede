import { Column, Entity, PrimaryColumn } from 'typeorm'

/** An access token that was handed out; kept only as a hash. */
@Entity({ name: 'access_tokens' })
export class AccessToken {
  @PrimaryColumn({ name: 'token_hash', type: 'bytea' })
  tokenHash!: Buffer

  @Column({ name: 'project_id', type: 'uuid' })
  projectId!: string

  @Column({ name: 'app_id', type: 'text' })
  appId!: string

  /** Separated by spaces. */
  @Column({ type: 'text' })
  scope!: string

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date
}
