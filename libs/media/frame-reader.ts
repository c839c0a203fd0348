import type { OnReadOpts, Socket } from 'node:net';
import type { ChildReader } from './child-connection.js';
import type { SpareBuffers } from './spare-buffers.js';

/** Bytes of a frame that are read before it has a buffer of its own. */
const FIRST_BYTES = 65_536;

interface Waiting {
  readonly resolve: (frame: Uint8Array<ArrayBuffer> | null) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Cuts what a child writes into pieces of `size` bytes, each read straight into a buffer of its own; a last, partial one is
 * dropped. Reads on only when the next piece is asked for. A connection that is destroyed just ends.
 */
export class FrameReader implements ChildReader {
  readonly onread: OnReadOpts;
  readonly #size: number;
  readonly #spare: SpareBuffers;
  readonly #onBytes: (() => void) | undefined;
  /** Where the next piece begins, until there is something to put in a buffer: what is given back by then can be taken. */
  readonly #first: Uint8Array;
  #frame: Uint8Array<ArrayBuffer> | null = null;
  #filled = 0;
  /** A piece that came before it was asked for: the first one. */
  #ready: Uint8Array<ArrayBuffer> | null = null;
  #waiting: Waiting | null = null;
  #socket: Socket | null = null;
  #error: Error | null = null;
  #isOver = false;

  /**
   * @param spare where buffers come from
   * @param onBytes told whenever bytes have come
   */
  constructor(size: number, spare: SpareBuffers, onBytes?: () => void) {
    this.#size = size;
    this.#spare = spare;
    this.#onBytes = onBytes;
    this.#first = new Uint8Array(Math.min(size, FIRST_BYTES));
    this.onread = {
      buffer: () => this.#frame?.subarray(this.#filled) ?? this.#first,
      callback: (bytes) => this.#take(bytes),
    };
  }

  attach(socket: Socket): void {
    this.#socket = socket;
    socket.once('error', (error) => {
      this.#error = error;
    });
    socket.once('close', () => {
      this.#isOver = true;
      const waiting = this.#waiting;
      this.#waiting = null;
      if (this.#error === null) waiting?.resolve(null);
      else waiting?.reject(this.#error);
    });
  }

  /** The next piece, or null once none will come. One at a time. @throws Error when reading fails */
  async next(): Promise<Uint8Array<ArrayBuffer> | null> {
    const ready = this.#ready;
    this.#ready = null;
    if (ready !== null) return ready;
    if (this.#error !== null) throw this.#error;
    if (this.#isOver) return null;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket?.resume();
    });
  }

  /** @returns whether to read on */
  #take(bytes: number): boolean {
    this.#onBytes?.();
    if (this.#frame === null) {
      this.#frame = this.#spare.take(this.#size);
      this.#frame.set(this.#first.subarray(0, bytes));
    }
    this.#filled += bytes;
    if (this.#filled < this.#size) return true;
    const frame = this.#frame;
    this.#frame = null;
    this.#filled = 0;
    if (this.#waiting === null) this.#ready = frame;
    else this.#waiting.resolve(frame);
    this.#waiting = null;
    return false;
  }
}
