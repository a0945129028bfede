import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import { Client } from 'pg'
import { Subject } from 'rxjs'
import { Settings } from '../config/index.js'
import { sayGoodbye } from '../database/index.js'

export const NOTIFICATION_CHANNEL = 'rollcall_work'

/** Listens on a connection of its own for PostgreSQL's notifications of work, and comes back when it breaks. */
@Injectable()
export class Notifications implements OnApplicationBootstrap, OnModuleDestroy {
  /** Emits whenever work was announced, and after each reconnection, when an announcement may have been missed. */
  readonly announced$ = new Subject<void>()
  private readonly logger = new Logger(Notifications.name)
  private client: Client | undefined
  private retry: NodeJS.Timeout | undefined
  private stopped = false

  constructor(private readonly settings: Settings) {}

  onApplicationBootstrap(): void {
    void this.listen()
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true
    clearTimeout(this.retry)
    if (this.client) await sayGoodbye(this.client)
  }

  private async listen(): Promise<void> {
    const client = new Client({
      connectionString: this.settings.databaseUrl,
      application_name: 'rollcall notifications',
      connectionTimeoutMillis: 3_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    })
    this.client = client
    client.on('error', (error) => {
      this.logger.warn(`Notifications are interrupted: ${error.message}`)
    })
    client.on('end', () => {
      this.listenLater()
    })
    client.on('notification', () => {
      this.announced$.next()
    })
    try {
      await client.connect()
      await client.query(`LISTEN ${NOTIFICATION_CHANNEL}`)
      this.announced$.next()
    } catch (error) {
      this.logger.warn(`Cannot listen for notifications: ${String(error)}`)
      await sayGoodbye(client)
      this.listenLater()
    }
  }

  private listenLater(): void {
    if (this.stopped) return
    clearTimeout(this.retry)
    this.retry = setTimeout(() => void this.listen(), this.settings.pollIntervalMs)
  }
}
