import type { NativeConnection, Worker } from '@temporalio/worker';
import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import type { Config } from '../../../libs/platform/config/config.js';
import type { Logger } from '../../../libs/platform/logger.js';
import type { TaskQueues } from '../../../workflows/contracts/queues.js';

/** What every role starts from. */
export interface RoleContext {
  readonly config: Config;
  readonly logger: Logger;
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly queues: TaskQueues;
  readonly blobs: BlobStore;
  /** Aborted when the process is told to end. */
  readonly signal: AbortSignal;
}

/** A role whose workers are made and not yet running. */
export interface StartedRole {
  readonly workers: readonly Worker[];
  /** Frees what the activities used, once no worker runs any more. */
  close(): Promise<void>;
}
