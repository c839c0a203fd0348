import { quantile } from '../../libs/scoring/statistics.js';
import type { ProcessSample } from './process-sample.js';
import { riseOf, theilSenSlope } from './trend.js';

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
  readonly firstKb: number;
  readonly lastKb: number;
  /** Theil-Sen, kB for each analysis. */
  readonly kbPerAnalysis: number;
  readonly percentPerThousand: number;
  readonly heapKbPerAnalysis: number | null;
  readonly descriptorRise: number;
  readonly threadRise: number;
  readonly handleRise: number;
  readonly mostDescriptors: number;
  readonly mostThreads: number;
}

/** The first third: caches, compiled code and the allocator's arenas fill up. */
function afterWarmUp<T>(samples: readonly T[]): readonly T[] {
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
    const slope = (field: 'residentKb' | 'heapKb') =>
      theilSenSlope(own.map((each) => ({ x: each.analyses, y: each[field] ?? 0 })));
    const residentKb = quantile(of('residentKb'), 0.5);
    const kbPerAnalysis = slope('residentKb');
    return {
      name,
      residentKb,
      firstKb: own[0]?.residentKb ?? 0,
      lastKb: own.at(-1)?.residentKb ?? 0,
      kbPerAnalysis,
      percentPerThousand: (100_000 * kbPerAnalysis) / residentKb,
      heapKbPerAnalysis: own[0]?.heapKb === null ? null : slope('heapKb'),
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
  for (const trend of trendsOf(samples)) {
    const { name, percentPerThousand: grows } = trend;
    if (memoryPercent !== null && name !== NOT_OURS && grows > memoryPercent)
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
