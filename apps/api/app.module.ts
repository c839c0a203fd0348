import { Module, type DynamicModule } from '@nestjs/common';
import type { BlobStore } from '../../libs/blobs/blob-store.js';
import type { Config } from '../../libs/platform/config/config.js';
import { taskQueues } from '../../workflows/contracts/queues.js';
import { AnalysesController } from './analyses/analyses.controller.js';
import { AnalysesService } from './analyses/analyses.service.js';
import { DeleteController } from './analyses/delete.controller.js';
import { Deletion } from './analyses/deletion.js';
import { Evidence } from './analyses/evidence.js';
import { CancelController } from './analyses/cancel.controller.js';
import { Cancellation } from './analyses/cancellation.js';
import { ListController } from './analyses/list.controller.js';
import { RetryController } from './analyses/retry.controller.js';
import { Retrying } from './analyses/retrying.js';
import { RunList } from './analyses/run-list.js';
import { MediumUse } from './analyses/medium-use.js';
import { ResultStore } from './analyses/result-store.js';
import { Runs } from './analyses/runs.js';
import { WaiterLimit } from './analyses/waiter-limit.js';
import { VerifyController } from './analyses/verify.controller.js';
import { Verifying } from './analyses/verifying.js';
import { HealthController } from './health/health.controller.js';
import { HealthService } from './health/health.service.js';
import { IndexController } from './health/index.controller.js';
import { Draining } from './http/draining.js';
import { FramesIntake } from './intake/frames/frames-intake.js';
import { JsonIntake } from './intake/json-intake.js';
import { MediaDownload } from './intake/media-url/media-download.js';
import { ModelChoice } from './intake/model-choice.js';
import { MultipartIntake } from './intake/multipart-intake.js';
import { ReportController } from './report/report.controller.js';
import { ReportService } from './report/report.service.js';
import { UploadLimit } from './intake/upload-limit.js';
import { Backlog } from './temporal/backlog.js';
import { FleetMonitor } from './temporal/fleet-monitor.js';
import { Temporal } from './temporal/temporal.js';
import { FairShare } from './tenants/fair-share.js';
import { Owners } from './tenants/owners.js';
import { BLOBS, CONFIG } from './tokens.js';

/** What the application is made from. */
export interface AppParts {
  readonly config: Config;
  readonly blobs: BlobStore;
  readonly temporal: Temporal;
  readonly draining: Draining;
}

@Module({})
export class AppModule {
  static from({ config, blobs, temporal, draining }: AppParts): DynamicModule {
    const queues = taskQueues(config.temporal.taskQueuePrefix);
    const tenants = Math.max(1, new Set(config.apiKeys.map(({ tenant }) => tenant)).size);
    const { maxBacklog, maxUploads, maxWaiters } = config.admission;
    const aliases = config.models.map(({ alias }) => alias);
    return {
      module: AppModule,
      controllers: [
        IndexController,
        AnalysesController,
        ListController,
        CancelController,
        DeleteController,
        RetryController,
        VerifyController,
        ReportController,
        HealthController,
      ],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: BLOBS, useValue: blobs },
        { provide: Temporal, useValue: temporal },
        { provide: Draining, useValue: draining },
        { provide: FleetMonitor, useValue: new FleetMonitor(temporal, queues, aliases) },
        {
          provide: Backlog,
          useValue: new Backlog(config, new FairShare(maxBacklog, tenants), temporal),
        },
        { provide: UploadLimit, useValue: new UploadLimit(new FairShare(maxUploads, tenants)) },
        { provide: WaiterLimit, useValue: new WaiterLimit(new FairShare(maxWaiters, tenants)) },
        { provide: MediaDownload, useValue: new MediaDownload(config, blobs) },
        Owners,
        ResultStore,
        Runs,
        Cancellation,
        Deletion,
        Evidence,
        MediumUse,
        Retrying,
        Verifying,
        RunList,
        AnalysesService,
        ModelChoice,
        FramesIntake,
        JsonIntake,
        MultipartIntake,
        ReportService,
        HealthService,
      ],
    };
  }
}
