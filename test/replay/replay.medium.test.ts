import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const histories = path.join(root, 'test/replay/histories');
const files = readdirSync(histories, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.json'));
const read = (name: string) =>
  JSON.parse(readFileSync(path.join(histories, name), 'utf8')) as History;

interface History {
  events: {
    eventType: string;
    activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  }[];
}

/** Replays one history with the built workflow. */
async function replay(name: string, history: History) {
  const workflowBundle = { codePath: path.join(root, 'dist/workflow-bundle.js') };
  const runs = Worker.runReplayHistories({ workflowBundle }, [{ workflowId: name, history }]);
  for await (const { error } of runs) return error ?? null;
  throw new Error('expected one replayed run');
}

/** Today's release, whose runs the next one will find under way. */
const NEWEST = '0.2.0-1/';

describe('histories of every release', () => {
  it('are there: every kind of medium, retry and end', () => {
    const names = [
      ...['adaptive', 'cancelled', 'continued', 'frames', 'handed-on', 'long-video', 'photo'],
      ...['retry-from-aggregation', 'retry-from-scoring', 'short-video', 'unreadable-media'],
      'verify',
    ];
    expect(files.filter((name) => name.startsWith(NEWEST)).sort()).toEqual(
      names.map((name) => `${NEWEST}${name}.json`),
    );
    expect(files.length).toBeGreaterThan(names.length);
  });

  it.each(files)('%s replays as it ran', async (name) => {
    const history = read(name);
    // One without a finished workflow task would replay nothing and pass.
    expect(
      history.events.some(({ eventType }) => eventType.includes('WORKFLOW_TASK_COMPLETED')),
    ).toBe(true);
    expect(await replay(name, history)).toBeNull();
  });

  it.each(files)('%s would not replay if the workflow did something else', async (name) => {
    const tampered = read(name);
    const scheduled = tampered.events.filter(
      (event) => event.activityTaskScheduledEventAttributes !== undefined,
    );
    scheduled.at(-1)!.activityTaskScheduledEventAttributes!.activityType.name = 'extractVoices';
    expect(await replay(name, tampered)).toBeInstanceOf(DeterminismViolationError);
  });
});
