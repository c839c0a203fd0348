import Table from 'cli-table3';
import { quantile } from '../../libs/scoring/statistics.js';
import type { ChaosReport } from './chaos.js';
import { TARGETS, WAYS } from './fault-plan.js';

/** What must not have happened, each with what it was found in. */
export function faultsFound(
  report: ChaosReport,
): readonly (readonly [string, readonly string[]])[] {
  const { records } = report;
  return [
    ['analyses lost', report.lost],
    ['results other than undisturbed', report.wrong],
    ['segments done again after they were finished', report.doneAgain],
    ['analyses run again', records.again],
    ['runs that did not succeed', records.unsuccessful],
    ['failures in the histories', records.failures],
    ['orphan processes', report.orphans],
    ['temporary files left', report.temporaryFiles],
    ['parts that did not recover', notRecovered(report)],
  ];
}

function notRecovered({ struck }: ChaosReport): readonly string[] {
  return struck.flatMap(({ target, way, recoveredMs }) =>
    recoveredMs === null ? [`${target} after ${way}`] : [],
  );
}

/** Seconds from the first signal, for each part and each way of dying. */
function recoveryTable({ struck }: ChaosReport): string {
  const table = new Table({
    head: [
      ...['part', 'fault', 'times', 'stopped for', 'works again: median', 'worst'],
      ...['a picture is answered: median', 'worst'],
    ],
    style: { head: [], border: [] },
  });
  const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(1);
  for (const target of TARGETS) {
    for (const way of WAYS) {
      const own = struck.filter((each) => each.target === target && each.way === way);
      const times = own.flatMap(({ recoveredMs }) => recoveredMs ?? []);
      if (times.length === 0) continue;
      const answers = own.map(({ answeredMs }) => answeredMs);
      const stops = own.map(({ stopMs }) => stopMs);
      table.push([
        target,
        way,
        own.length,
        Math.max(...stops) === 0
          ? ''
          : `${seconds(Math.min(...stops))}-${seconds(Math.max(...stops))}`,
        seconds(quantile(times, 0.5)),
        seconds(Math.max(...times)),
        seconds(quantile(answers, 0.5)),
        seconds(Math.max(...answers)),
      ]);
    }
  }
  return table.toString();
}

/** The whole report for people. */
export function reportText(report: ChaosReport): string {
  const { store, analyses, submissions, accepted, struck, seconds, records, setbacks, seed } =
    report;
  const kills = struck.filter(({ way }) => way !== 'stop-and-continue').length;
  const found = new Table({
    head: ['what must not happen', 'times'],
    style: { head: [], border: [] },
  });
  for (const [what, where] of faultsFound(report)) found.push([what, where.length]);
  const details = faultsFound(report).flatMap(([what, where]) =>
    where.slice(0, 20).map((each) => `${what}: ${each}`),
  );
  return [
    `seed ${seed}, blobs in ${store === 's3' ? 'a bucket' : 'a folder'}: ${analyses} analyses in ${submissions} submissions (${accepted} got an ID first), ` +
      `${kills} kills and ${struck.length - kills} stops within ${seconds} s`,
    `${records.runs} runs, ${records.retriedActivities} activities that took more than one attempt`,
    `answers that sent a client back: ${JSON.stringify(setbacks)}`,
    recoveryTable(report),
    found.toString(),
    ...details,
  ].join('\n');
}
