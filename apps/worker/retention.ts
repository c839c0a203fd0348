import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { ConfigError, loadConfig } from '../../libs/platform/config/config.js';
import { EXIT_CONFIGURATION } from '../../libs/platform/parent-channel.js';
import { temporalTarget } from '../../libs/platform/temporal-connection.js';
import { taskQueues } from '../../workflows/contracts/queues.js';
import {
  AREAS,
  RETENTION,
  retentionScheduleId,
  type RetentionReport,
} from '../../workflows/contracts/retention.js';
import { retentionInput } from './retention-schedule.js';

/**
 * Tells what retention would delete now, and deletes it with `--delete`: `node dist/apps/worker/retention.js`. A media worker
 * does the work.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { delete: { type: 'boolean', default: false } } });
  const config = loadConfig();
  const { namespace, connection: options } = temporalTarget(config.temporal);
  const connection = await Connection.connect(options).catch((error: unknown) => {
    throw new Error(
      `expected a Temporal server at ${options.address ?? 'its default address'}, which does not answer: ` +
        'set TEMPORAL_ADDRESS to the one that the workers use (npm start says its address once it is ready)',
      { cause: error },
    );
  });
  try {
    const client = new Client({ connection, namespace });
    const prefix = config.temporal.taskQueuePrefix;
    const report = (await client.workflow.execute(RETENTION, {
      taskQueue: taskQueues(prefix).analyses,
      workflowId: `${retentionScheduleId(prefix)}-by-hand-${randomUUID()}`,
      args: [retentionInput(config, !values.delete)],
    })) as RetentionReport;
    console.log(describe(report));
  } finally {
    await connection.close();
  }
}

function describe({ dryRun, deletedBefore, areas, leftovers }: RetentionReport): string {
  const done = dryRun ? 'would be deleted' : 'deleted';
  const lines = AREAS.flatMap((area) => {
    const { deleted, inUse, blobs, bytes, names } = areas[area];
    const more = deleted > names.length ? [`    and ${deleted - names.length} more`] : [];
    return [
      `${area}: ${deleted} ${done} (${blobs} blobs, ${bytes} bytes), ${inUse} kept as an analysis runs`,
      ...names.map((name) => `    ${name}`),
      ...more,
    ];
  });
  return [
    deletedBefore === null
      ? 'RETENTION_DAYS is not set: nothing is deleted for its age.'
      : `Written before ${deletedBefore}:`,
    ...(deletedBefore === null ? [] : lines),
    `leftovers of dead writers: ${leftovers.count} ${done} (${leftovers.bytes} bytes)`,
  ].join('\n');
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof ConfigError ? EXIT_CONFIGURATION : 1;
}
