import { mean } from './statistics.js';

/** One scored sample. `track` is null where the whole picture was scored. */
export interface ScoredSample {
  readonly frame: number;
  readonly t: number | null;
  readonly p: number;
  readonly track: number | null;
}

export interface TrackSummary {
  readonly track: number;
  readonly samples: number;
  readonly first_seconds: number | null;
  readonly last_seconds: number | null;
  readonly mean_p: number;
  readonly max_p: number;
  readonly peak_frame: number;
}

/** What was seen of each face, in order of the tracks' numbers. @param samples in order of time */
export function summariseTracks(samples: readonly ScoredSample[]): readonly TrackSummary[] {
  const byTrack = new Map<number, ScoredSample[]>();
  for (const sample of samples) {
    if (sample.track === null) continue;
    const members = byTrack.get(sample.track) ?? [];
    members.push(sample);
    byTrack.set(sample.track, members);
  }
  return [...byTrack.entries()]
    .sort(([a], [b]) => a - b)
    .map(([track, members]) => {
      const peak = members.reduce((best, sample) => (sample.p > best.p ? sample : best));
      return {
        track,
        samples: members.length,
        first_seconds: members[0]?.t ?? null,
        last_seconds: members.at(-1)?.t ?? null,
        mean_p: mean(members.map(({ p }) => p)),
        max_p: peak.p,
        peak_frame: peak.frame,
      };
    });
}
