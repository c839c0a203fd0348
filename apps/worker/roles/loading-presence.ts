import { basename } from 'node:path';
import { Worker } from '@temporalio/worker';
import type { ModelSettings } from '../../../libs/platform/config/config.js';
import { loadingQueue } from '../../../workflows/contracts/queues.js';
import type { RoleContext } from './context.js';
import { commonOptions } from './worker-options.js';

/**
 * Runs `load` while a worker on a queue of its own, on which nothing is ever put, tells the server that this process is
 * loading its model: that is how the API knows "loading" from "not there".
 */
export async function withLoadingPresence<T>(
  context: RoleContext,
  { modelId, path, revision, dtype, device, fakeLabel }: ModelSettings,
  taskQueue: string,
  load: () => Promise<T>,
): Promise<T> {
  const presence = await Worker.create({
    ...commonOptions(context, {
      role: 'inference',
      state: 'loading',
      model: {
        id: path === null ? modelId : basename(path),
        revision,
        dtype,
        device,
        fingerprint: '',
        architecture: '',
        weights: '',
        fakeLabel: fakeLabel ?? '',
        graphBuilder: '',
        processor: '',
        accuracy: '',
      },
    }),
    shutdownGraceTime: 0,
    taskQueue: loadingQueue(taskQueue),
    activities: { loading: () => undefined },
  });
  const running = presence.run();
  try {
    return await load();
  } finally {
    presence.shutdown();
    await running;
  }
}
