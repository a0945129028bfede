import { Injectable } from '@nestjs/common'
import { type AddressInfo } from 'node:net'
import { Settings } from '../config/index.js'

/** Under which address callers reach the API: `PUBLIC_URL`, else where it listens. Never the Host header. */
@Injectable()
export class PublicAddress {
  /** Where this process listens, seen from this machine. */
  listeningUrl = ''
  private isEveryAddress = false

  constructor(private readonly settings: Settings) {}

  get baseUrl(): string {
    return (this.settings.publicUrl ?? this.listeningUrl).replace(/\/+$/, '')
  }

  /** What is wrong with the links that are handed out: who follows one from another machine would reach himself. */
  get trouble(): string | undefined {
    if (this.settings.publicUrl !== undefined || !this.isEveryAddress) return undefined
    return `Links to reports begin with ${this.baseUrl}, which leads nowhere on other machines: set PUBLIC_URL to the address under which clients reach this API.`
  }

  /** To be called once the server listens: only then the port (`PORT=0`) and the address (`HOST=0`) are known. */
  listensOn({ address, port }: Pick<AddressInfo, 'address' | 'port'>): void {
    this.isEveryAddress = address === '0.0.0.0' || address === '::'
    const reachable = this.isEveryAddress ? '127.0.0.1' : this.settings.host
    this.listeningUrl = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
  }
}
