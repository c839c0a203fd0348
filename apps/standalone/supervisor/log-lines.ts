import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
/** Fields of a log line that are shown in their own place, or nowhere. */
const OWN_PLACE = new Set(['level', 'time', 'part', 'msg', 'pid', 'hostname']);
const COLOURS = [36, 35, 33, 32, 34];

/** One line for a person: a JSON log line taken apart, anything else as it is. */
export function readable(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const entry = JSON.parse(line) as Record<string, unknown>;
    const level = LEVELS[Number(entry.level)] ?? 'info';
    const rest = Object.entries(entry)
      .filter(([name]) => !OWN_PLACE.has(name))
      .map(
        ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
      );
    return [
      level === 'info' ? '' : level.toUpperCase(),
      typeof entry.msg === 'string' ? entry.msg : '',
      ...rest,
    ]
      .filter(Boolean)
      .join(' ');
  } catch {
    return line;
  }
}

/** Writes the lines of all parts, each with its part's name in front. */
export class LogLines {
  readonly #colours = new Map<string, number>();

  constructor(
    private readonly out: NodeJS.WritableStream,
    private readonly useColour: boolean,
    private readonly width: number,
  ) {}

  /** Follows a part's output. `onLine` sees each line as it came, shown or not. */
  follow(part: string, stream: Readable, isQuiet: boolean, onLine: (line: string) => void): void {
    createInterface({ input: stream }).on('line', (line) => {
      onLine(line);
      if (!isQuiet && line.trim() !== '') this.write(part, readable(line));
    });
  }

  write(part: string, text: string): void {
    if (!this.#colours.has(part))
      this.#colours.set(part, COLOURS[this.#colours.size % COLOURS.length] ?? 37);
    const name = part.padEnd(this.width);
    const prefix = this.useColour
      ? `\u001b[${this.#colours.get(part) ?? 37}m${name}\u001b[0m`
      : name;
    this.out.write(`${prefix} │ ${text}\n`);
  }
}
