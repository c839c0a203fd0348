import Table from 'cli-table3';
import { percentiles } from '../percentiles.js';
import type { Sent } from './client.js';
import type { LoadReport } from './load.js';

/** What the flood may make of the other tenant's 95th percentile. */
const MOST_RATIO = 2;

/** 95th percentile in the flood over that alone; null where it was not measured. */
export function ratioOf({ alone, flooded }: LoadReport): number | null {
  if (alone.length === 0) return null;
  return p95(flooded) / p95(alone);
}

/** What went wrong, and where; each list should be empty. */
export function faultsFound(report: LoadReport): readonly (readonly [string, readonly string[]])[] {
  const { burst, alone, flooded, flood, wrong } = report;
  const failures = [...burst, ...alone, ...flooded, ...flood].flatMap(
    ({ tenant, medium, failure }) =>
      failure === null ? [] : [`${medium.name} of ${tenant}: ${failure}`],
  );
  const ratio = ratioOf(report);
  const isUnfair = ratio !== null && ratio > MOST_RATIO;
  return [
    ['neither 2xx nor 503 with Retry-After', failures],
    ['another answer than in peace', wrong],
    [`p95 in the flood over ${MOST_RATIO} times p95 alone`, isUnfair ? [ratio.toFixed(2)] : []],
  ];
}

export function reportText(report: LoadReport): string {
  const { burst, burstSeconds, alone, flooded, flood } = report;
  const table = new Table({
    head: ['', 'requests', 'p50 ms', 'p95 ms', '503s', 'most for one'],
    style: { head: [], border: [] },
  });
  const of = (kind: string) => burst.filter(({ medium }) => medium.kind === kind);
  const rows: [string, readonly Sent[]][] = [
    ['pictures, all at once', of('image')],
    ['videos, at the same moment', of('video')],
    ['stream of one tenant, alone', alone],
    ['the same in the flood', flooded],
    ['pictures of the flood', flood],
  ];
  for (const [name, sent] of rows) {
    if (sent.length === 0) continue;
    const { p50, p95 } = percentiles(sent.map(({ milliseconds }) => milliseconds));
    const refused = sent.map(({ refusals }) =>
      Object.values(refusals).reduce((sum, count) => sum + count, 0),
    );
    const all = refused.reduce((sum, count) => sum + count, 0);
    table.push([name, sent.length, Math.round(p50), Math.round(p95), all, Math.max(...refused)]);
  }
  const ratio = ratioOf(report);
  const lines = [
    table.toString(),
    `all answered after ${burstSeconds.toFixed(1)} s; 503s by code: ${JSON.stringify(codesOf([...burst, ...alone, ...flooded, ...flood]))}`,
    ...(ratio === null
      ? []
      : [`p95 in the flood / p95 alone: ${ratio.toFixed(2)} (at most ${MOST_RATIO})`]),
    ...faultsFound(report).map(
      ([what, where]) => `${what}: ${where.length === 0 ? 'none' : where.slice(0, 20).join('; ')}`,
    ),
  ];
  return lines.join('\n');
}

function codesOf(sent: readonly Sent[]): Readonly<Record<string, number>> {
  const codes: Record<string, number> = {};
  for (const { refusals } of sent)
    for (const [code, count] of Object.entries(refusals)) codes[code] = (codes[code] ?? 0) + count;
  return codes;
}

function p95(sent: readonly Sent[]): number {
  return percentiles(sent.map(({ milliseconds }) => milliseconds)).p95;
}
