import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import type { Config } from '../../libs/platform/config/config.js';
import { taskQueues } from '../../workflows/contracts/queues.js';
import {
  RETENTION,
  retentionScheduleId,
  type RetentionInput,
} from '../../workflows/contracts/retention.js';

/** At night, UTC. */
const HOUR = 3;

/** What the configuration says of ages. */
export function retentionInput(config: Config, dryRun: boolean): RetentionInput {
  const { days, leftoverHours } = config.retention;
  return {
    olderThanSeconds: days === null ? null : days * 86_400,
    leftoversOlderThanSeconds: leftoverHours * 3_600,
    dryRun,
    queue: taskQueues(config.temporal.taskQueuePrefix).media,
  };
}

/** Makes the schedule of `retention`, or brings it to the configuration; an operator's pause of it stays. */
export async function keepRetentionSchedule(client: Client, config: Config): Promise<void> {
  const prefix = config.temporal.taskQueuePrefix;
  const scheduleId = retentionScheduleId(prefix);
  const plan = {
    spec: { calendars: [{ hour: HOUR, comment: 'once a day' }], jitter: '30 minutes' },
    action: {
      type: 'startWorkflow' as const,
      workflowType: RETENTION,
      workflowId: scheduleId,
      taskQueue: taskQueues(prefix).analyses,
      args: [retentionInput(config, false)],
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP },
  };
  try {
    await client.schedule.create({ scheduleId, ...plan });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const handle = client.schedule.getHandle(scheduleId);
    await handle.update(({ state }) => ({ ...plan, state }));
  }
}
