import { quantile } from '../../libs/scoring/statistics.js';
import type { ProcessSample } from './process-sample.js';
import { bandRise, riseOf, theilSenSlope, type Band } from './trend.js';

/** One look at everything, while no analysis is under way. */
export interface Sample {
  /** Analyses begun so far. */
  readonly analyses: number;
  readonly seconds: number;
  readonly processes: Readonly<Record<string, ProcessSample>>;
  /** Unfinished files and files for the moment. */
  readonly temporaryFiles: readonly string[];
  readonly databaseKb: number;
}

export interface Bounds {
  /** Percent of its resident memory by which a process may grow in 1000 analyses; null = not judged. */
  readonly memoryPercent: number | null;
  /** By which the last third of what is judged may lie above the first. */
  readonly descriptors: number;
  readonly threads: number;
  readonly handles: number;
}

/**
 * A client's connection lives on for a while after its request, so that a descriptor and a handle for each of those that
 * send at once come and go; so do threads of the runtimes' pools, which start when they are first needed.
 */
export const bounds: Bounds = { memoryPercent: 5, descriptors: 4, threads: 4, handles: 4 };

/** What is judged of a process over the samples after the warm-up. */
export interface ProcessTrend {
  readonly name: string;
  /** Median, kB. */
  readonly residentKb: number;
  /** Between what it moves in the first half, and in the second. */
  readonly firstKb: Band;
  readonly lastKb: Band;
  /** By which the whole of that rises, kB for each analysis. */
  readonly kbPerAnalysis: number;
  readonly percentPerThousand: number;
  /** Theil-Sen. */
  readonly heapKbPerAnalysis: number | null;
  readonly descriptorRise: number;
  readonly threadRise: number;
  readonly handleRise: number;
  readonly mostDescriptors: number;
  readonly mostThreads: number;
}

/** Analyses in which caches, compiled code and the allocator's arenas fill up. */
export const WARM_UP_ANALYSES = 500;
/**
 * Analyses after the warm-up over which memory is judged at the least. What is freed does not go back to the system at once: the
 * inference worker's memory climbs by a fifth for a thousand analyses and then falls to where it began. Over fewer, that is a leak
 * to look at.
 */
export const LEAST_JUDGED_ANALYSES = 1200;

/** Whether there are enough analyses to tell a leak of memory from the warm-up. */
export function tellsOfMemory(samples: readonly Pick<Sample, 'analyses'>[]): boolean {
  return (samples.at(-1)?.analyses ?? 0) >= WARM_UP_ANALYSES + LEAST_JUDGED_ANALYSES;
}

/** The samples after the warm-up; of a short run, in which there would be few, all but the first third. */
export function afterWarmUp<T extends Pick<Sample, 'analyses'>>(
  samples: readonly T[],
): readonly T[] {
  if (tellsOfMemory(samples)) return samples.filter(({ analyses }) => analyses > WARM_UP_ANALYSES);
  return samples.slice(Math.floor(samples.length / 3));
}

export function trendsOf(samples: readonly Sample[]): readonly ProcessTrend[] {
  const judged = afterWarmUp(samples);
  return Object.keys(judged[0]?.processes ?? {}).map((name) => {
    const own = judged.flatMap(({ analyses, processes }) => {
      const process = processes[name];
      return process === undefined ? [] : [{ analyses, ...process }];
    });
    const of = (field: 'residentKb' | 'descriptors' | 'threads') => own.map((each) => each[field]);
    const against = (field: 'residentKb' | 'heapKb') =>
      own.map((each) => ({ x: each.analyses, y: each[field] ?? 0 }));
    const residentKb = quantile(of('residentKb'), 0.5);
    const { first, last, slope: kbPerAnalysis } = bandRise(against('residentKb'));
    return {
      name,
      residentKb,
      firstKb: first,
      lastKb: last,
      kbPerAnalysis,
      percentPerThousand: (100_000 * kbPerAnalysis) / residentKb,
      heapKbPerAnalysis: own[0]?.heapKb === null ? null : theilSenSlope(against('heapKb')),
      descriptorRise: riseOf(of('descriptors')),
      threadRise: riseOf(of('threads')),
      handleRise: riseOf(own.map(({ handles }) => handles ?? 0)),
      mostDescriptors: Math.max(...of('descriptors')),
      mostThreads: Math.max(...of('threads')),
    };
  });
}

/** The Temporal server's memory is its own affair: it is shown and not judged. */
const NOT_OURS = 'temporal';

/** What must not be, in words; empty when all is well. */
export function findLeaks(
  samples: readonly Sample[],
  { memoryPercent, ...most }: Bounds,
): readonly string[] {
  const found: string[] = [];
  const judgesMemory = memoryPercent !== null && tellsOfMemory(samples);
  for (const trend of trendsOf(samples)) {
    const { name, percentPerThousand: grows } = trend;
    if (judgesMemory && name !== NOT_OURS && grows > memoryPercent)
      found.push(
        `${name}: memory grows by ${grows.toFixed(1)} % in 1000 analyses, at most ${memoryPercent} %`,
      );
    const rises = {
      descriptors: trend.descriptorRise,
      threads: trend.threadRise,
      handles: trend.handleRise,
    };
    for (const [what, rise] of Object.entries(rises)) {
      const bound = most[what as keyof typeof rises];
      if (name !== NOT_OURS && rise > bound)
        found.push(
          `${name}: ${rise} more ${what} at the end than after the warm-up, at most ${bound}`,
        );
    }
  }
  for (const { analyses, processes, temporaryFiles } of samples) {
    const after = `after ${analyses} analyses`;
    if (temporaryFiles.length > 0)
      found.push(
        `${temporaryFiles.length} temporary files ${after}, first ${temporaryFiles[0] ?? ''}`,
      );
    for (const [name, { pid, children }] of Object.entries(processes)) {
      if (children > 0) found.push(`${name}: ${children} child processes ${after}`);
      if (pid !== samples[0]?.processes[name]?.pid) found.push(`${name}: another process ${after}`);
    }
  }
  return found;
}
