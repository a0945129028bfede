import { type DynamicModule, Module, type OnModuleInit } from '@nestjs/common'
import { CqrsModule } from '@nestjs/cqrs'
import { type Settings } from '../config/index.js'
import { EventStore } from '../event-store/index.js'
import { AsyncActionProcessor } from './async-action.processor.js'
import { AsyncActionReconciler } from './async-action.reconciler.js'
import { AsyncActionRepository } from './async-action.repository.js'
import { AsyncActionSaga } from './async-action.saga.js'
import { ASYNC_ACTION_EVENT_TYPES } from './domain/async-action.events.js'
import { EnqueueAsyncActionHandler } from './enqueue/enqueue-async-action.handler.js'
import { PayloadErasers } from './erase/payload-erasers.js'
import { TraceEraser } from './erase/trace-eraser.js'
import { GetReportHandler } from './report/get-report.query.js'
import { ReportLinks } from './report/report-links.js'
import { ReportController } from './report/report.controller.js'
import { IdempotencyKeySweeper } from './retention/idempotency-key-sweeper.js'
import { PayloadSweeper } from './retention/payload-sweeper.js'
import { ActionRecorder } from './run/action-recorder.js'
import { ActionRunner } from './run/action-runner.js'
import { ChunkHandlers } from './run/chunk-handler.js'
import { ChunkPipeline } from './run/chunk-pipeline.js'
import { ChunkReader } from './run/chunk-reader.js'
import { ChunkRunner } from './run/chunk-runner.js'
import { IdleMaintenance } from './run/idle-maintenance.js'
import { LaneRunner } from './run/lane-runner.js'
import { Lanes } from './run/lanes.js'
import { AsyncActionScheduler } from './schedule/async-action-scheduler.js'
import { AsyncActionsController } from './status/async-actions.controller.js'
import { GetAsyncActionHandler } from './status/get-async-action.query.js'
import { ListAsyncActionsHandler } from './status/list-async-actions.query.js'
import { ResultShapes } from './status/result-shapes.js'

const SHARED = [AsyncActionRepository, EnqueueAsyncActionHandler]

const ACCEPT_AND_SHOW = [
  AsyncActionSaga,
  AsyncActionScheduler,
  GetAsyncActionHandler,
  GetReportHandler,
  ListAsyncActionsHandler,
  PayloadErasers,
  ReportLinks,
  ResultShapes,
  TraceEraser,
]

const RUN = [
  ActionRecorder,
  ActionRunner,
  AsyncActionReconciler,
  ChunkHandlers,
  ChunkPipeline,
  ChunkReader,
  ChunkRunner,
  IdempotencyKeySweeper,
  IdleMaintenance,
  LaneRunner,
  Lanes,
  PayloadSweeper,
]

@Module({})
export class AsyncActionsModule implements OnModuleInit {
  constructor(private readonly events: EventStore) {}

  onModuleInit(): void {
    this.events.register(ASYNC_ACTION_EVENT_TYPES)
  }

  /** What the API does with actions: accept them and show them. */
  static forApi(): DynamicModule {
    return {
      module: AsyncActionsModule,
      imports: [CqrsModule],
      controllers: [AsyncActionsController, ReportController],
      providers: [...SHARED, ...ACCEPT_AND_SHOW],
      exports: [AsyncActionScheduler, PayloadErasers, ResultShapes, TraceEraser],
    }
  }

  /** What a worker does with actions: run them. */
  static forWorker({ redisUrl }: Settings): DynamicModule {
    return {
      module: AsyncActionsModule,
      imports: [CqrsModule],
      providers: [...SHARED, ...RUN, ...(redisUrl === undefined ? [] : [AsyncActionProcessor])],
      exports: [ChunkHandlers],
    }
  }
}
