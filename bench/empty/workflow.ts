import { proxyActivities } from '@temporalio/workflow';

/** What the empty activities are called; the shape of `analyzeMedia` for one segment. */
export interface EmptyActivities {
  describe(): Promise<void>;
  probe(): Promise<void>;
  extract(): Promise<void>;
  score(): Promise<void>;
  aggregate(): Promise<void>;
}

/** The shape of `analyzeMedia` with nothing in it: what Temporal itself costs. */
export async function emptyAnalysis(queues: {
  readonly media: string;
  readonly inference: string;
}): Promise<void> {
  const options = { startToCloseTimeout: '30 seconds' } as const;
  const media = proxyActivities<EmptyActivities>({ ...options, taskQueue: queues.media });
  const inference = proxyActivities<EmptyActivities>({ ...options, taskQueue: queues.inference });
  await Promise.all([inference.describe(), media.probe()]);
  await media.extract();
  await inference.score();
  await media.aggregate();
}
