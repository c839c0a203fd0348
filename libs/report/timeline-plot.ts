import type { AnalysisResult, TimelineEntry } from '../../workflows/contracts/result.js';
import { html, type Html } from './html.js';
import { clock, percent } from './numbers.js';

const WIDTH = 900;
const HEIGHT = 220;
const LEFT = 44;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 30;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;
/** More points than this are drawn as a line alone. */
const MOST_DOTS = 400;

/** Fake probability of every sample over time, or over the frames' numbers where there is no time. */
export function timelinePlot({ timeline, coverage }: AnalysisResult): Html {
  const duration = coverage.duration_seconds;
  const last = duration ?? Math.max(1, ...timeline.map(({ frame }) => frame));
  const x = (position: number) => LEFT + (position / last) * PLOT_WIDTH;
  const at = (entry: TimelineEntry) => x(entry.t ?? entry.frame);
  const line = timeline.map(
    (entry, i) => `${i === 0 ? 'M' : 'L'}${at(entry).toFixed(1)} ${y(entry.p).toFixed(1)}`,
  );
  const dots = timeline.length > MOST_DOTS ? [] : timeline.map((entry) => dot(entry, at(entry)));
  return html`<svg
    class="timeline"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    role="img"
    aria-label="Fake probability over time"
  >
    <defs>
      <pattern
        id="gap"
        width="6"
        height="6"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <line x1="0" y1="0" x2="0" y2="6" class="hatch" />
      </pattern>
    </defs>
    ${coverage.gaps.map(([from, to]) => html`<rect x="${x(from).toFixed(1)}" y="${TOP}" width="${(x(to) - x(from)).toFixed(1)}" height="${PLOT_HEIGHT}" fill="url(#gap)"><title>not looked at: ${clock(from)} to ${clock(to)}</title></rect>`)}
    ${[0, 0.5, 1].map((p) => html`<line class="${p === 0.5 ? 'middle' : 'grid'}" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(p)}" y2="${y(p)}" /><text x="${LEFT - 8}" y="${y(p) + 4}" text-anchor="end">${p.toFixed(1)}</text>`)}
    ${ticks(last, duration !== null).map(({ position, label }) => html`<text x="${x(position).toFixed(1)}" y="${HEIGHT - 10}" text-anchor="middle">${label}</text>`)}
    <path class="curve" d="${line.join('')}" />
    ${dots}
  </svg>`;
}

const y = (p: number): number => TOP + (1 - p) * PLOT_HEIGHT;

function dot(entry: TimelineEntry, x: number): Html {
  const kind = entry.box === null ? 'whole' : entry.p >= 0.5 ? 'high' : 'low';
  const when = entry.t === null ? `frame ${entry.frame}` : clock(entry.t);
  const what = entry.box === null ? ', whole picture' : '';
  return html`<circle class="${kind}" cx="${x.toFixed(1)}" cy="${y(entry.p).toFixed(1)}" r="4"
    ><title>${when}: ${percent(entry.p)}${what}</title></circle
  >`;
}

/** About six labels under the plot. */
function ticks(last: number, isTime: boolean): { position: number; label: string }[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600];
  const step = steps.find((candidate) => last / candidate <= 8) ?? Math.ceil(last / 8);
  const positions = Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step);
  return positions.map((position) => ({
    position,
    label: isTime ? clock(position) : String(position),
  }));
}
