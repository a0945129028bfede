import { Injectable } from '@nestjs/common'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { Settings } from '../../config/index.js'
import { Database, type Row } from '../../database/index.js'
import { PublicAddress } from '../../http/index.js'

const PROJECT_BYTES = 16
const SIGNATURE_BYTES = 32

/**
 * Links to reports that need no other credential. The token names the project and signs project and action;
 * until when it works was fixed when the action ended, and is looked up with the report.
 */
@Injectable()
export class ReportLinks {
  private signingKeys: Promise<SigningKeys> | undefined

  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
    private readonly address: PublicAddress,
  ) {}

  async linkTo(projectId: string, asyncActionId: string): Promise<string> {
    const project = Buffer.from(projectId.replaceAll('-', ''), 'hex')
    const { current } = await this.keys()
    const token = Buffer.concat([project, sign(current, projectId, asyncActionId)])
    return `${this.address.baseUrl}/v1/async-actions/${asyncActionId}/reports/1?token=${token.toString('base64url')}`
  }

  /** The project whose report a token opens, or undefined when the token is not one of ours for this action. */
  async projectOf(asyncActionId: string, token: string): Promise<string | undefined> {
    const bytes = Buffer.from(token, 'base64url')
    if (bytes.length !== PROJECT_BYTES + SIGNATURE_BYTES || bytes.toString('base64url') !== token)
      return undefined
    const projectId = toUuid(bytes.subarray(0, PROJECT_BYTES))
    const { current, before } = await this.keys()
    const isOurs = [current, ...before].some((key) =>
      timingSafeEqual(bytes.subarray(PROJECT_BYTES), sign(key, projectId, asyncActionId)),
    )
    return isOurs ? projectId : undefined
  }

  private keys(): Promise<SigningKeys> {
    this.signingKeys ??= this.readKeys().catch((error: unknown) => {
      this.signingKeys = undefined
      throw error
    })
    return this.signingKeys
  }

  private async readKeys(): Promise<SigningKeys> {
    const { reportSigningKey: current, reportSigningKeyBefore: before } = this.settings
    if (current === undefined) return { current: await this.readInstalledKey(), before: [] }
    return { current: Buffer.from(current), before: before === undefined ? [] : [Buffer.from(before)] }
  }

  private async readInstalledKey(): Promise<Buffer> {
    const row = await this.database.acrossProjects((session) =>
      session.row<Row & { key: Buffer }>('SELECT report_signing_key AS key FROM installation'),
    )
    if (row === undefined) throw new Error('The database has no installation row: migrate it.')
    return row.key
  }
}

interface SigningKeys {
  readonly current: Buffer
  /** What it signed before goes on working. */
  readonly before: readonly Buffer[]
}

const sign = (key: Buffer, projectId: string, asyncActionId: string): Buffer =>
  createHmac('sha256', key).update(`report/1 ${projectId} ${asyncActionId}`).digest()

const toUuid = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
