import type { Coverage, TimelineEntry } from '../../workflows/contracts/result.js';

/**
 * Cuts the samples where a gap lies between two of them: a line there would show what nobody looked at.
 *
 * @param timeline in order of time
 * @param gaps in order of time, in seconds
 */
export function unbrokenRuns(
  timeline: readonly TimelineEntry[],
  gaps: Coverage['gaps'],
): readonly (readonly TimelineEntry[])[] {
  const runs: TimelineEntry[][] = [];
  let before: TimelineEntry | null = null;
  let next = 0;
  for (const entry of timeline) {
    const start = before?.t ?? -Infinity;
    while (next < gaps.length && (gaps[next]?.[1] ?? Infinity) <= start) next += 1;
    const isCut = entry.t !== null && (gaps[next]?.[0] ?? Infinity) < entry.t;
    if (before === null || isCut) runs.push([entry]);
    else runs.at(-1)?.push(entry);
    before = entry;
  }
  return runs;
}

/** At most `most` samples, the highest of each stretch of the timeline: no peak is lost. */
export function highestOfEach(
  timeline: readonly TimelineEntry[],
  most: number,
): readonly TimelineEntry[] {
  const stretch = Math.ceil(timeline.length / most);
  if (stretch <= 1) return timeline;
  return Array.from({ length: Math.ceil(timeline.length / stretch) }, (_, i) =>
    timeline
      .slice(i * stretch, (i + 1) * stretch)
      .reduce((highest, entry) => (entry.p > highest.p ? entry : highest)),
  );
}
