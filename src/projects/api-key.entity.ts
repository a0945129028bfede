import { Column, Entity, PrimaryColumn } from 'typeorm'

/** The credentials of an application; its secret is kept only as a hash. */
@Entity({ name: 'api_keys' })
export class ApiKey {
  @PrimaryColumn({ name: 'app_id', type: 'text' })
  appId!: string

  @Column({ name: 'project_id', type: 'uuid' })
  projectId!: string

  @Column({ name: 'token_hash', type: 'bytea' })
  tokenHash!: Buffer

  /** PostgreSQL's clock says when. */
  @Column({ name: 'created_at', type: 'timestamptz', insert: false, update: false })
  createdAt!: Date

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt!: Date | null
}
