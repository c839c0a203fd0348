import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { EmptyActivities } from './workflow.js';

/** A worker for the empty workflow, as a process of its own: `worker.js media | inference`. */
export const EMPTY_QUEUES = {
  analyses: 'empty-analyses',
  media: 'empty-media',
  inference: 'empty-inference',
};

const nothing = () => Promise.resolve();
const activities: EmptyActivities = {
  describe: nothing,
  probe: nothing,
  extract: nothing,
  score: nothing,
  aggregate: nothing,
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const role = process.argv[2] === 'media' ? 'media' : 'inference';
  Runtime.install({
    shutdownSignals: [],
    logger: {
      ...console,
      log: () => undefined,
      trace: () => undefined,
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
    },
  });
  const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS });
  const workers = [await Worker.create({ connection, taskQueue: EMPTY_QUEUES[role], activities })];
  if (role === 'media') {
    const workflowsPath = fileURLToPath(new URL('./workflow.js', import.meta.url));
    workers.push(
      await Worker.create({ connection, taskQueue: EMPTY_QUEUES.analyses, workflowsPath }),
    );
  }
  const running = Promise.all(workers.map((worker) => worker.run()));
  const stop = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  process.once('SIGTERM', stop);
  process.once('disconnect', stop);
  process.send?.({ type: 'ready' });
  await running;
  process.exit(0);
}
