import type { OnReadOpts, Socket } from 'node:net';
import type { ChildReader } from './child-connection.js';
import { LONGEST_LINE } from './lines.js';

/** Bytes that are read at a time. */
const CHUNK_BYTES = 16_384;
/** How long lines that nobody waits for may lie, in milliseconds. */
const PAUSE_MS = 10;

/**
 * Reads a child's log by lines. A program that writes a line for each of thousands of frames would wake this process for each
 * of them: what has come is read together, every hundredth of a second, and at once when it is waited for.
 */
export class LogReader implements ChildReader {
  readonly onread: OnReadOpts;
  /** Resolves when all is read, or nothing more can be. */
  readonly ended: Promise<void>;
  readonly #onLine: (line: string) => void;
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  #rest = '';
  #socket: Socket | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isEager = true;
  #end: () => void = () => undefined;

  /** @param onLine told each line, without its end */
  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.onread = { buffer: this.#chunk, callback: (bytes) => this.#take(bytes) };
  }

  attach(socket: Socket): void {
    this.#socket = socket;
    // A log that breaks off ends: what the program's own end means is told by its status.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(this.#timer);
      this.#end();
    });
    // Its end is an event, which is told to those who read.
    socket.resume();
  }

  /** Reads lines as they come, until {@link relax}. */
  hurry(): void {
    this.#isEager = true;
    this.#resume();
  }

  /** No line is waited for. */
  relax(): void {
    this.#isEager = false;
  }

  #resume(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#socket?.resume();
  }

  /** @returns whether to read on */
  #take(bytes: number): boolean {
    const lines = (this.#rest + this.#chunk.toString('latin1', 0, bytes)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
    if (this.#rest.length > LONGEST_LINE) {
      this.#socket?.destroy();
      return false;
    }
    // As many as there is room for: there are more.
    if (this.#isEager || bytes === CHUNK_BYTES) return true;
    this.#timer = setTimeout(() => {
      this.#resume();
    }, PAUSE_MS);
    return false;
  }
}
