import { Injectable } from '@nestjs/common'
import { InjectRepository } from '@nestjs/typeorm'
import { timingSafeEqual } from 'node:crypto'
import { IsNull, type Repository } from 'typeorm'
import { ApiKey } from './api-key.entity.js'
import { hashSecret } from './secrets.js'

/** Answers whose keys those are that a client sends. */
@Injectable()
export class ApiKeys {
  constructor(@InjectRepository(ApiKey) private readonly keys: Repository<ApiKey>) {}

  /** The project that the keys open, or undefined. */
  async projectOf(appId: string, appToken: string): Promise<string | undefined> {
    if (appId.includes('\0')) return undefined
    const key = await this.keys.findOneBy({ appId, revokedAt: IsNull() })
    return key !== null && timingSafeEqual(key.tokenHash, hashSecret(appToken)) ? key.projectId : undefined
  }
}
