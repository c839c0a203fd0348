/**
 * Frames' buffers that are filled again instead of made anew: made anew, tens of megabytes of them wait to be collected, and
 * collecting them is two fifths of the time that Node takes to read a frame.
 */
export class SpareBuffers {
  #size = 0;
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];

  /** A buffer of `size` bytes with anything in it. */
  take(size: number): Uint8Array<ArrayBuffer> {
    if (size !== this.#size) this.#spare.length = 0;
    this.#size = size;
    return this.#spare.pop() ?? new Uint8Array(size);
  }

  /** Takes back a buffer that nobody uses any more. Those of another size than was last asked for are left alone. */
  give({ buffer, byteLength }: Uint8Array): void {
    const isWhole = buffer instanceof ArrayBuffer && byteLength === buffer.byteLength;
    if (isWhole && byteLength === this.#size) this.#spare.push(new Uint8Array(buffer));
  }
}
