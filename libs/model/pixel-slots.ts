/**
 * Memory through which pixels reach the threads, the same again and again. Copies made for each task would be garbage that V8
 * hardly counts, as it lies outside of its heap: tens of megabytes in each thread before it is collected.
 */
export class PixelSlots {
  readonly #free: Uint8Array<SharedArrayBuffer>[] = [];

  /** @param most pictures that a slot has room for */
  constructor(private readonly most: number) {}

  /**
   * Lends a slot with the pictures in it, one after the other, until `use` has ended.
   * @param pictures at least one and at most as many as there is room for, all of one size
   */
  async lend<T>(
    pictures: readonly Uint8Array[],
    use: (pixels: Uint8Array<SharedArrayBuffer>) => Promise<T>,
  ): Promise<T> {
    const stride = pictures[0]?.length ?? 0;
    const slot = this.#free.pop() ?? new Uint8Array(new SharedArrayBuffer(this.most * stride));
    pictures.forEach((picture, i) => slot.set(picture, i * stride));
    try {
      return await use(slot.subarray(0, pictures.length * stride));
    } finally {
      this.#free.push(slot);
    }
  }
}
