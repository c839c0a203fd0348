import { proxyActivities, setCurrentDetails, upsertMemo, workflowInfo } from '@temporalio/workflow';
import {
  AREAS,
  type RetentionActivities,
  type RetentionInput,
  type RetentionReport,
  type SweptPage,
} from './contracts/retention.js';

/** Names in the report, of each area: it is kept in the workflow's memo. */
const MOST_NAMES = 20;

/**
 * Deletes what is older than it may become, page by page, and what dead writers have left. A page that is repeated finds
 * less to do. A dry run takes the same way and deletes nothing.
 */
export async function retention(input: RetentionInput): Promise<RetentionReport> {
  const { olderThanSeconds, leftoversOlderThanSeconds, dryRun, queue } = input;
  const { sweepBlobs, removeLeftovers } = proxyActivities<RetentionActivities>({
    taskQueue: queue,
    // A page is some hundred deletions. The store may be away for a while; the schedule comes again tomorrow.
    startToCloseTimeout: '30 minutes',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '2 seconds', maximumInterval: '1 minute', maximumAttempts: 20 },
  });
  const now = workflowInfo().startTime.getTime();
  const before = olderThanSeconds === null ? null : now - olderThanSeconds * 1000;
  let report: RetentionReport = {
    dryRun,
    deletedBefore: before === null ? null : new Date(before).toISOString(),
    areas: { runs: NOTHING, crops: NOTHING, media: NOTHING },
    leftovers: { count: 0, bytes: 0 },
  };
  for (const area of before === null ? [] : AREAS) {
    for (let after: string | null = ''; after !== null;) {
      const page: SweptPage = await sweepBlobs({ area, before: before ?? 0, dryRun, after });
      const sum = report.areas[area];
      const swept = {
        deleted: sum.deleted + page.deleted,
        inUse: sum.inUse + page.inUse,
        blobs: sum.blobs + page.blobs,
        bytes: sum.bytes + page.bytes,
        names: [...sum.names, ...page.names].slice(0, MOST_NAMES),
      };
      report = { ...report, areas: { ...report.areas, [area]: swept } };
      setCurrentDetails(describe(report));
      after = page.next;
    }
  }
  const leftovers = await removeLeftovers({
    before: now - leftoversOlderThanSeconds * 1000,
    dryRun,
  });
  report = { ...report, leftovers };
  setCurrentDetails(describe(report));
  upsertMemo({ retention: report });
  return report;
}

const NOTHING = { deleted: 0, inUse: 0, blobs: 0, bytes: 0, names: [] } as const;

/** Markdown, as Temporal's UI shows it. */
function describe({ dryRun, deletedBefore, areas, leftovers }: RetentionReport): string {
  const rows = AREAS.map((area) => {
    const { deleted, inUse, blobs, bytes } = areas[area];
    return `| ${area} | ${deleted} | ${blobs} | ${bytes} | ${inUse} |`;
  });
  return [
    `${dryRun ? 'Would delete' : 'Deleted'} what was written before ${deletedBefore ?? '(no age is set)'}:`,
    '',
    '| | deleted | blobs | bytes | in use, kept |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    `| leftovers | ${leftovers.count} | | ${leftovers.bytes} | |`,
  ].join('\n');
}
