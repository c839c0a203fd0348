import { createReadStream } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { Priority } from '@temporalio/common';
import type { BlobStore } from '../../libs/blobs/blob-store.js';
import { listLiveWorkers } from '../../libs/platform/fleet.js';
import type { AnalysisSummary } from '../../workflows/contracts/activities.js';
import { mediaKey } from '../../workflows/contracts/blob-keys.js';
import {
  analysisIdOfWorkflow,
  ANALYZE_MEDIA,
  workflowIdOf,
} from '../../workflows/contracts/progress.js';
import { taskQueues } from '../../workflows/contracts/queues.js';
import {
  PIPELINE_REVISION,
  type AnalysisRequest,
  type MediaInput,
} from '../../workflows/contracts/request.js';
import { until } from './until.js';

type Analysis = Omit<WorkflowHandle, 'result'> & { result(): Promise<AnalysisSummary> };

/** Starts analyses on one deployment's queues, as the API would. */
export class AnalysisStarter {
  private constructor(
    readonly client: Client,
    readonly fingerprint: string,
    private readonly prefix: string,
    private readonly blobs: BlobStore,
  ) {}

  /** Waits for the deployment's inference worker to know its model. */
  static async connect(
    address: string,
    prefix: string,
    blobs: BlobStore,
  ): Promise<AnalysisStarter> {
    const connection = await Connection.connect({ address });
    const queue = taskQueues(prefix).inference;
    const fingerprint = await until('a live inference worker', async () => {
      const live = await listLiveWorkers(connection, 'default');
      return (
        live.find(({ taskQueue, state }) => taskQueue === queue && state === 'ready')?.model
          ?.fingerprint ?? null
      );
    });
    return new AnalysisStarter(new Client({ connection }), fingerprint, prefix, blobs);
  }

  async startFile(
    file: string,
    changes: Partial<AnalysisRequest> = {},
    priority: Priority = {},
  ): Promise<Analysis> {
    const { sha256, bytes } = await this.blobs.putByHash(createReadStream(file), mediaKey);
    return this.start({ kind: 'file', key: mediaKey(sha256), sha256, bytes }, changes, priority);
  }

  async start(
    input: MediaInput,
    changes: Partial<AnalysisRequest> = {},
    priority: Priority = {},
  ): Promise<Analysis> {
    const { analyses, media, inference } = taskQueues(this.prefix);
    const id = randomUUID()
      .replaceAll('-', '')
      .replace(/^(.{16})/, '$1-');
    const request: AnalysisRequest = {
      analysisId: id,
      // Of its own: nothing is found that another test has left.
      cropsId: id,
      tenant: 'default',
      input,
      mediaType: null,
      declaredHash: null,
      modelVersion: 'v2',
      pipeline: PIPELINE_REVISION,
      modelFingerprint: this.fingerprint,
      queues: { media, inference, hasTurns: true },
      ...changes,
    };
    return this.client.workflow.start(ANALYZE_MEDIA, {
      taskQueue: analyses,
      workflowId: workflowIdOf(request.analysisId, this.prefix),
      args: [request],
      priority,
    });
  }

  async close(): Promise<void> {
    await this.client.connection.close();
  }
}

export const analysisIdOfHandle = ({ workflowId }: { readonly workflowId: string }): string =>
  analysisIdOfWorkflow(workflowId);
