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

  /** To be called once the server listens, because with `PORT=0` only then the port is known. */
  listensOn(port: number): void {
    const { host } = this.settings
    const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
    this.listeningUrl = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
  }
}
