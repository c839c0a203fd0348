/** A point of the timeline: seconds and fake probability, 0..1. */
export interface TimelinePoint {
  readonly t: number;
  readonly p: number;
}

export interface TimelineOptions {
  /** Length of the video in seconds. */
  readonly duration: number;
  /** Columns of the plot, without its axis. */
  readonly width: number;
  readonly rows?: number;
}

const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Fake probability over time as text: one column a stretch of time, as high as its highest sample. */
export function renderTimeline(
  points: readonly TimelinePoint[],
  { duration, width, rows = 6 }: TimelineOptions,
): string {
  const columns = columnsOf(points, duration, width);
  const lines: string[] = [];
  for (let row = rows - 1; row >= 0; row -= 1) {
    const cells = columns.map((p) => {
      if (p === null) return ' ';
      const eighths = Math.round(p * rows * 8) - row * 8;
      // What is near zero still shows that it was looked at.
      const shown = row === 0 ? Math.max(1, eighths) : eighths;
      return EIGHTHS[Math.max(0, Math.min(8, shown))] ?? ' ';
    });
    const label =
      row === rows - 1 ? '1.0' : row === 0 ? '0.0' : row === Math.floor(rows / 2) ? '0.5' : '   ';
    lines.push(`${label} ┤${cells.join('').trimEnd()}`);
  }
  lines.push(`    └${'─'.repeat(width)}`);
  const end = `${duration.toFixed(1)} s`;
  lines.push(`     0 s${end.padStart(width - 3)}`);
  return lines.join('\n');
}

/** The highest sample of each column; a column between two samples takes its nearest one's. */
function columnsOf(
  points: readonly TimelinePoint[],
  duration: number,
  width: number,
): (number | null)[] {
  const columns: (number | null)[] = Array.from({ length: width }, () => null);
  for (const { t, p } of points) {
    const column = Math.min(width - 1, Math.floor((t / duration) * width));
    columns[column] = Math.max(columns[column] ?? 0, p);
  }
  const reach = Math.ceil(width / Math.max(1, points.length));
  return columns.map((p, i) => {
    if (p !== null) return p;
    for (let distance = 1; distance <= reach; distance += 1) {
      const near = columns[i - distance] ?? columns[i + distance];
      if (near !== null && near !== undefined) return near;
    }
    return null;
  });
}
