import { afterWarmUp, type Sample } from './judgement.js';

const WIDTH = 900;
const HEIGHT = 260;
const LEFT = 60;
const RIGHT = 110;
const TOP = 34;
const BOTTOM = 42;
/** One for each process, in the order of the samples. */
const COLOURS = ['#0b6e99', '#b8500c', '#3f7d20', '#7a7a7a'];

type Value = (sample: Sample, name: string) => number | null;

interface Panel {
  readonly title: string;
  readonly of: Value;
}

const PANELS: readonly Panel[] = [
  {
    title: 'Resident memory, MB',
    of: ({ processes }, name) => (processes[name]?.residentKb ?? 0) / 1024,
  },
  {
    title: 'JavaScript heaps in use, MB',
    of: ({ processes }, name) => megabytes(processes[name]?.heapKb),
  },
  { title: 'Open descriptors', of: ({ processes }, name) => processes[name]?.descriptors ?? null },
  { title: 'Threads', of: ({ processes }, name) => processes[name]?.threads ?? null },
];

const megabytes = (kb: number | null | undefined) =>
  kb === null || kb === undefined ? null : kb / 1024;

/** A picture of all samples: time along x, a line for each process. The shaded part is the warm-up, which is not judged. */
export function plotSvg(samples: readonly Sample[]): string {
  const height = HEIGHT * PANELS.length;
  const panels = PANELS.map(
    (panel, i) => `<g transform="translate(0 ${i * HEIGHT})">${draw(panel, samples)}</g>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" ` +
    'font-family="sans-serif" font-size="12" fill="#333">' +
    `<rect width="100%" height="100%" fill="#fff"/>${panels.join('')}</svg>\n`
  );
}

function draw({ title, of }: Panel, samples: readonly Sample[]): string {
  const names = Object.keys(samples[0]?.processes ?? {});
  const lastSecond = samples.at(-1)?.seconds ?? 1;
  const values = samples.flatMap((sample) => names.map((name) => of(sample, name) ?? 0));
  const step = niceStep(Math.max(1, ...values) / 4);
  const top = step * Math.max(1, Math.ceil(Math.max(...values) / step));
  const x = (seconds: number) => LEFT + (seconds / lastSecond) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM);
  const warm = afterWarmUp(samples)[0]?.seconds ?? 0;
  const levels = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step);
  return [
    `<rect x="${LEFT}" y="${TOP}" width="${(x(warm) - LEFT).toFixed(1)}" height="${HEIGHT - TOP - BOTTOM}" fill="#f3f3f3"/>`,
    `<text x="${LEFT}" y="${TOP - 12}" font-weight="bold">${title}</text>`,
    ...levels.map(
      (level) =>
        `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(level)}" y2="${y(level)}" stroke="#ddd"/>` +
        `<text x="${LEFT - 8}" y="${y(level) + 4}" text-anchor="end">${level}</text>`,
    ),
    ...minutes(lastSecond).map(
      (minute) =>
        `<text x="${x(minute * 60).toFixed(1)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${minute}</text>`,
    ),
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">minutes; ${samples.at(-1)?.analyses ?? 0} analyses</text>`,
    ...legend(
      names,
      names.map((name) => of(samples.at(-1) ?? none, name)),
      y,
    ),
    ...names.map((name, i) => {
      const points = samples.flatMap((sample) => {
        const value = of(sample, name);
        return value === null ? [] : [`${x(sample.seconds).toFixed(1)} ${y(value).toFixed(1)}`];
      });
      if (points.length === 0) return '';
      return `<path d="M${points.join('L')}" fill="none" stroke="${COLOURS[i] ?? '#000'}" stroke-width="1.8"/>`;
    }),
  ].join('\n');
}

const none: Sample = { analyses: 0, seconds: 0, processes: {}, temporaryFiles: [], databaseKb: 0 };
const LINE_HEIGHT = 14;

/** The names at the lines' ends, moved apart where the lines lie close together. */
function legend(
  names: readonly string[],
  ends: readonly (number | null)[],
  y: (value: number) => number,
): string[] {
  const placed = names
    .flatMap((name, i) => {
      const end = ends[i] ?? null;
      return end === null ? [] : [{ name, end, colour: COLOURS[i] ?? '#000', at: y(end) }];
    })
    .sort((a, b) => a.at - b.at);
  let free = 0;
  return placed.map(({ name, end, colour, at }) => {
    const own = Math.max(at + 4, free);
    free = own + LINE_HEIGHT;
    return `<text x="${WIDTH - RIGHT + 8}" y="${own.toFixed(1)}" fill="${colour}">${name} ${Math.round(end)}</text>`;
  });
}

function minutes(lastSecond: number): readonly number[] {
  const step = niceStep(lastSecond / 60 / 8);
  return Array.from({ length: Math.floor(lastSecond / 60 / step) + 1 }, (_, i) => i * step);
}

/** The next of 1, 2 and 5 with zeros. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 1;
}
