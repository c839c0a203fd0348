import type { Client } from '@temporalio/client';
import type { BlobEntry, BlobStore } from '../../../libs/blobs/blob-store.js';
import { BlobsInUse } from '../../../libs/blobs/blobs-in-use.js';
import { listRunningAnalyses } from '../../../libs/platform/running-analyses.js';
import type { AggregateInput } from '../../../workflows/contracts/activities.js';
import {
  aggregationKey,
  mediumPrefixes,
  tenantOfNote,
} from '../../../workflows/contracts/blob-keys.js';
import type { Area, RetentionActivities } from '../../../workflows/contracts/retention.js';
import { withHeartbeat } from './heartbeat.js';
import { readJson } from './json-blobs.js';

/** Groups that one page looks at. */
const PAGE = 500;
const MOST_NAMES = 20;

/** All blobs of one analysis, or of one medium's crops; one medium. */
interface Group {
  /** `runs/<id>`, `crops/<id>` or `media/<hash>`. */
  readonly name: string;
  readonly blobs: BlobEntry[];
}

/**
 * Deletes what is older than it may become and not in use. A group is as old as the youngest of its blobs; crops are at
 * least as young as their medium, which each request writes anew before its analysis starts. An analysis and its crops are
 * at least as young as a new verdict on its scores, which can't be verified without them.
 */
export function sweepBlobs(blobs: BlobStore, client: Client): RetentionActivities['sweepBlobs'] {
  return ({ area, before, dryRun, after }) =>
    withHeartbeat(PAGE, async (signal, progress) => {
      const inUse = await BlobsInUse.by(await listRunningAnalyses(client), blobs);
      const page = { deleted: 0, inUse: 0, blobs: 0, bytes: 0, names: [] as string[] };
      let last: string | null = null;
      for await (const group of groups(blobs.list(`${area}/`, after))) {
        if (progress.done === PAGE) return { ...page, next: last };
        signal.throwIfAborted();
        progress.done += 1;
        last = group.blobs.at(-1)?.key ?? last;
        if (group.blobs.some(({ modifiedAt }) => modifiedAt.getTime() >= before)) continue;
        if (isNeeded(area, group.name, inUse)) {
          page.inUse += 1;
          continue;
        }
        if (area === 'crops' && (await hasYoungMedium(blobs, group.name, before))) continue;
        if (area !== 'media' && (await hasYoungVerdict(blobs, group.name, before))) continue;
        if (!dryRun) await blobs.delete(resultsFirst(group.blobs.map(({ key }) => key)));
        page.deleted += 1;
        page.blobs += group.blobs.length;
        page.bytes += group.blobs.reduce((sum, { bytes }) => sum + bytes, 0);
        if (page.names.length < MOST_NAMES) page.names.push(group.name);
      }
      return { ...page, next: null };
    });
}

async function* groups(entries: AsyncIterable<BlobEntry>): AsyncGenerator<Group> {
  let group: Group | null = null;
  for await (const entry of entries) {
    const name = entry.key.split('/').slice(0, 2).join('/');
    if (group !== null && group.name !== name) {
      yield group;
      group = null;
    }
    group ??= { name, blobs: [] };
    group.blobs.push(entry);
  }
  if (group !== null) yield group;
}

function isNeeded(area: Area, name: string, inUse: BlobsInUse): boolean {
  const id = name.slice(area.length + 1);
  if (area === 'runs') return inUse.isRunning(id) || inUse.mayBeJudgedAgain(id);
  return area === 'crops' ? inUse.isInput(id) : inUse.isMedium(name);
}

async function hasYoungMedium(blobs: BlobStore, crops: string, before: number): Promise<boolean> {
  const { media } = mediumPrefixes(crops.slice('crops/'.length));
  for await (const { modifiedAt } of blobs.list(media))
    if (modifiedAt.getTime() >= before) return true;
  return false;
}

async function hasYoungVerdict(blobs: BlobStore, name: string, before: number): Promise<boolean> {
  const [area, id = ''] = name.split('/');
  for await (const group of groups(blobs.list(mediumPrefixes(id).runs))) {
    if (!group.blobs.some(({ modifiedAt }) => modifiedAt.getTime() >= before)) continue;
    const input = await readJson<AggregateInput>(
      blobs,
      aggregationKey(group.name.slice('runs/'.length)),
    );
    // Absent where the scores are the analysis's own.
    if (input?.analysisId === undefined) continue;
    const { analysisId, cropsId } = input.request;
    if ((area === 'runs' ? analysisId : cropsId) === id) return true;
  }
  return false;
}

/** Who finds a result, or samples, counts on the rest: these go before what they speak of. Whose they are is known to the end. */
function resultsFirst(keys: readonly string[]): readonly string[] {
  const rank = (key: string) =>
    /\/(result|samples)\.json$/.test(key) ? 0 : tenantOfNote(key) === null ? 1 : 2;
  return keys.toSorted((a, b) => rank(a) - rank(b));
}
