/** A way to compute the model: how fast, and how far from fp32. */
export interface FrontierPoint {
  readonly name: string;
  readonly group: 'frontier' | 'part' | 'method';
  readonly timesFp32: number;
  /** Largest difference of the fake probability. */
  readonly max: number;
}

const WIDTH = 860;
const HEIGHT = 460;
const LEFT = 78;
const RIGHT = 210;
const TOP = 40;
const BOTTOM = 52;
const COLOURS = { frontier: '#0b6e99', part: '#7a7a7a', method: '#b8500c' };

/** A picture of the points but fp32's, which is 0 away from itself: speed along x, the largest difference up a log scale. */
export function frontierSvg(points: readonly FrontierPoint[]): string {
  const shown = points.filter(({ max }) => max > 0);
  const slowest = Math.floor(Math.min(1, ...shown.map((p) => p.timesFp32)) * 2) / 2;
  const fastest = Math.ceil(Math.max(...shown.map((p) => p.timesFp32)) * 2) / 2;
  const lowest = Math.floor(Math.log10(Math.min(...shown.map((p) => p.max))));
  const highest = Math.ceil(Math.log10(Math.max(...shown.map((p) => p.max))));
  const x = (times: number) =>
    LEFT + ((times - slowest) / (fastest - slowest)) * (WIDTH - LEFT - RIGHT);
  const y = (max: number) =>
    TOP + ((highest - Math.log10(max)) / (highest - lowest)) * (HEIGHT - TOP - BOTTOM);
  const parts: string[] = [];
  for (let times = slowest; times <= fastest; times += 0.5) {
    parts.push(line(x(times), TOP, x(times), HEIGHT - BOTTOM));
    parts.push(text(x(times), HEIGHT - BOTTOM + 18, `${times}×`, 'middle'));
  }
  for (let power = lowest; power <= highest; power += 1) {
    parts.push(line(LEFT, y(10 ** power), WIDTH - RIGHT, y(10 ** power)));
    parts.push(
      text(LEFT - 8, y(10 ** power) + 4, String(Number((10 ** power).toPrecision(1))), 'end'),
    );
  }
  parts.push(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, 'times as fast as fp32', 'middle'));
  parts.push(text(12, 20, 'largest difference of the fake probability from fp32', 'start'));
  let last = -Infinity;
  for (const point of [...shown].sort((a, b) => y(a.max) - y(b.max))) {
    const colour = COLOURS[point.group];
    const at = [x(point.timesFp32), y(point.max)] as const;
    // Names stand in a column of their own, so that they never lie on each other.
    last = Math.max(at[1], last + 15);
    const to = WIDTH - RIGHT + 14;
    parts.push(
      `<path d="M${at[0].toFixed(1)} ${at[1].toFixed(1)}L${to - 4} ${last.toFixed(1)}" stroke="${colour}" stroke-opacity=".3" fill="none"/>`,
      `<circle cx="${at[0].toFixed(1)}" cy="${at[1].toFixed(1)}" r="5" fill="${colour}"/>`,
      `<text x="${to}" y="${(last + 4).toFixed(1)}" fill="${colour}">${point.name}</text>`,
    );
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">` +
    `<rect width="100%" height="100%" fill="#fff"/>${parts.join('')}</svg>\n`
  );
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map((value) => value.toFixed(1));
  return `<path d="M${a} ${b}L${c} ${d}" stroke="#ddd"/>`;
}

function text(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="#333">${words}</text>`;
}
