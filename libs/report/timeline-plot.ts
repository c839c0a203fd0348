import type { AnalysisResult, Coverage, TimelineEntry } from '../../workflows/contracts/result.js';
import { html, type Html } from './html.js';
import { clock, score } from './numbers.js';
import { highestOfEach, unbrokenRuns } from './timeline-curve.js';

const WIDTH = 900;
const HEIGHT = 240;
const LEFT = 52;
const RIGHT = 16;
const TOP = 18;
const BOTTOM = 46;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;
/** Points that can still be told apart; of more samples the highest of each stretch get one. */
const MOST_DOTS = 300;
/** A gap of a second must be seen in a film of hours. */
const LEAST_GAP_WIDTH = 3;
/** Room for half a tick's label. */
const LABEL_ROOM = 28;

type Place = (position: number) => number;

/** The score of every sample over time, or over the frames' numbers where there is no time. */
export function timelinePlot({ timeline, coverage }: AnalysisResult): Html {
  const total = coverage.duration_seconds;
  const last = total ?? Math.max(1, ...timeline.map(({ frame }) => frame));
  const x: Place = (position) => LEFT + Math.min(1, Math.max(0, position / last)) * PLOT_WIDTH;
  const dots = highestOfEach(timeline, MOST_DOTS);
  const isDense = timeline.length > 100;
  const radius = isDense ? 2.5 : 4;
  return html`<svg
    class="timeline ${isDense ? 'dense' : ''}"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    role="img"
    aria-label="${summary(timeline, coverage)}"
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
    ${coverage.gaps.map((gap) => gapArea(gap, x))} ${[0, 0.5, 1].map(level)}
    ${ticks(last, total !== null, x)}
    <path class="curve" d="${curve(unbrokenRuns(timeline, coverage.gaps), x)}" />
    ${dots.map((entry) => dot(entry, x, radius))}
  </svg>`;
}

/** What each mark in the plot stands for, of those that are there. */
export function timelineCaption({ timeline, coverage }: AnalysisResult): Html {
  const isThinned = timeline.length > MOST_DOTS;
  const parts = [
    isThinned
      ? 'The line joins the scores of all samples; each point is the highest of its stretch.'
      : 'Each point is one sample and its score, from 0 to 1.',
    'Above the dashed line the model leans towards manipulated.',
    timeline.some(({ box }) => box === null)
      ? 'Hollow points: no face found, whole picture scored.'
      : '',
    coverage.gaps.length > 0 ? 'Hatched: not looked at.' : '',
  ];
  return html`<p class="small">${parts.filter((part) => part !== '').join(' ')}</p>`;
}

const y = (p: number): number => TOP + (1 - p) * PLOT_HEIGHT;
const place = (entry: TimelineEntry): number => entry.t ?? entry.frame;
const when = ({ t, frame }: TimelineEntry): string => (t === null ? `frame ${frame}` : clock(t));

/** The plot in a sentence, for who can't see it. */
function summary(timeline: readonly TimelineEntry[], { gaps }: Coverage): string {
  const high = timeline.filter(({ p }) => p >= 0.5).length;
  const [highest] = highestOfEach(timeline, 1);
  const peak = highest === undefined ? '' : `, highest ${score(highest.p)} at ${when(highest)}`;
  return (
    `Scores of ${timeline.length} samples${peak}; ${high} of them at or above 0.5; ` +
    `${gaps.length === 0 ? 'no' : gaps.length} gaps.`
  );
}

/** A stroke of no length shows a sample that stands alone. */
function curve(runs: readonly (readonly TimelineEntry[])[], x: Place): string {
  const point = (entry: TimelineEntry) => `${x(place(entry)).toFixed(1)} ${y(entry.p).toFixed(1)}`;
  return runs.map((run) => `M${run.map(point).join('L')}h0`).join('');
}

function gapArea([from, to]: Coverage['gaps'][number], x: Place): Html {
  const width = Math.max(LEAST_GAP_WIDTH, x(to) - x(from));
  return html`<rect
    class="gap"
    x="${x(from).toFixed(1)}"
    y="${TOP}"
    width="${width.toFixed(1)}"
    height="${PLOT_HEIGHT}"
    ><title>not looked at: ${clock(from)} to ${clock(to)}</title></rect
  >`;
}

function level(p: number): Html {
  const kind = p === 0.5 ? 'middle' : 'grid';
  return html`<line class="${kind}" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(p)}" y2="${y(p)}" />
    <text x="${LEFT - 8}" y="${y(p) + 4}" text-anchor="end">${p.toFixed(1)}</text>`;
}

function dot(entry: TimelineEntry, x: Place, radius: number): Html {
  const kind = entry.box === null ? 'whole' : entry.p >= 0.5 ? 'high' : 'low';
  const what = entry.box === null ? ', no face, whole picture' : '';
  return html`<circle
    class="${kind}"
    cx="${x(place(entry)).toFixed(1)}"
    cy="${y(entry.p).toFixed(1)}"
    r="${radius}"
    ><title>${when(entry)}: score ${score(entry.p)}${what}</title></circle
  >`;
}

/** Up to nine labels under the plot, and what they count. */
function ticks(last: number, isTime: boolean, x: Place): Html {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600];
  const step = steps.find((candidate) => last / candidate <= 8) ?? Math.ceil(last / 8);
  const positions = Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step);
  const unit = isTime ? 'time (minutes:seconds)' : 'number of the frame';
  return html`${positions.map((position, i) => {
      const isAtEnd = x(position) > WIDTH - RIGHT - LABEL_ROOM;
      const label = isTime ? clock(position) : String(position);
      return html`<text
        class="${i % 2 === 0 ? 'even' : 'odd'}"
        x="${x(position).toFixed(1)}"
        y="${HEIGHT - BOTTOM + 22}"
        text-anchor="${isAtEnd ? 'end' : i === 0 ? 'start' : 'middle'}"
        >${label}</text
      >`;
    })}<text x="${LEFT + PLOT_WIDTH / 2}" y="${HEIGHT - 7}" text-anchor="middle" class="unit"
      >${unit}</text
    >`;
}
