import Table from 'cli-table3';
import {
  bounds,
  findLeaks,
  LEAST_JUDGED_ANALYSES,
  tellsOfMemory,
  trendsOf,
  WARM_UP_ANALYSES,
  type Bounds,
} from './judgement.js';
import type { Band } from './trend.js';
import type { SoakReport } from './soak.js';

/** All that must not be, in words; empty when all is well. */
export function faultsOf(report: SoakReport, within: Bounds = bounds): readonly string[] {
  const { samples, surprises, orphans, temporaryFiles } = report;
  return [
    ...findLeaks(samples, within),
    ...surprises.map((surprise) => `an answer other than due: ${surprise}`),
    ...orphans.map((orphan) => `a process left after the end: ${orphan}`),
    ...temporaryFiles.map((file) => `a temporary file left after the end: ${file}`),
  ];
}

/** The whole report for people. */
export function reportText(report: SoakReport, within: Bounds = bounds): string {
  const { seed, analyses, seconds, counts, samples } = report;
  const table = new Table({
    head: [
      ...['process', 'memory MB: first half', 'second half', 'kB an analysis', '% in 1000'],
      ...[
        'heaps: kB an analysis',
        'descriptors: most',
        'rise',
        'threads: most',
        'rise',
        'children',
      ],
    ],
    style: { head: [], border: [] },
  });
  for (const trend of trendsOf(samples)) {
    const children = Math.max(
      ...samples.map(({ processes }) => processes[trend.name]?.children ?? 0),
    );
    table.push([
      trend.name,
      megabytes(trend.firstKb),
      megabytes(trend.lastKb),
      trend.kbPerAnalysis.toFixed(1),
      trend.percentPerThousand.toFixed(1),
      trend.heapKbPerAnalysis?.toFixed(1) ?? '',
      trend.mostDescriptors,
      trend.descriptorRise,
      trend.mostThreads,
      trend.threadRise,
      children,
    ]);
  }
  const faults = faultsOf(report, within);
  return [
    `seed ${seed}: ${analyses} analyses within ${seconds} s, ${samples.length} samples`,
    Object.entries(counts)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(', '),
    table.toString(),
    ...(within.memoryPercent === null || tellsOfMemory(samples)
      ? []
      : [
          `memory is not judged: that takes ${WARM_UP_ANALYSES + LEAST_JUDGED_ANALYSES} analyses, ${WARM_UP_ANALYSES} of them the warm-up`,
        ]),
    faults.length === 0 ? 'nothing leaks' : `what must not be:\n${faults.slice(0, 40).join('\n')}`,
  ].join('\n');
}

const megabytes = ({ low, high }: Band): string =>
  [low, high].map((kb) => Math.round(kb / 1024)).join(' to ');
