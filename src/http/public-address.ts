import { Injectable } from '@nestjs/common'
import { Settings } from '../config/index.js'

/** Under which address callers reach the API: `PUBLIC_URL`, else where it listens. Never the Host header. */
@Injectable()
export class PublicAddress {
  /** Where this process listens, seen from this machine. */
  listeningUrl = ''

  constructor(private readonly settings: Settings) {}

  get baseUrl(): string {
    return (this.settings.publicUrl ?? this.listeningUrl).replace(/\/+$/, '')
  }

  /** What is wrong with the links that are handed out: who follows one from another machine would reach himself. */
  get trouble(): string | undefined {
    if (this.settings.publicUrl !== undefined || !this.isEveryAddress) return undefined
    return `Links to reports begin with ${this.baseUrl}, which leads nowhere on other machines: set PUBLIC_URL to the address under which clients reach this API.`
  }

  /** To be called once the server listens, because with `PORT=0` only then the port is known. */
  listensOn(port: number): void {
    const { host } = this.settings
    const reachable = this.isEveryAddress ? '127.0.0.1' : host
    this.listeningUrl = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
  }

  private get isEveryAddress(): boolean {
    return this.settings.host === '0.0.0.0' || this.settings.host === '::'
  }
}
