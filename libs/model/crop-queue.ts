/** Crops of one call that wait to be scored. */
interface Waiting {
  readonly take: (index: number) => Uint8Array;
  readonly count: number;
  readonly done: (index: number, logits: Float32Array) => void;
  readonly fail: (error: Error) => void;
  next: number;
}

/** One crop on its way through a session. */
export interface QueuedCrop {
  readonly pixels: Uint8Array;
  readonly done: (logits: Float32Array) => void;
  readonly fail: (error: Error) => void;
}

/**
 * What waits for the sessions, from all callers. Batches are filled with one crop of each caller in turn, so that a single
 * picture does not wait behind a long video, and no session waits for one caller's next crops.
 */
export class CropQueue {
  readonly #waiting: Waiting[] = [];

  /** Crops that wait. */
  get length(): number {
    return this.#waiting.reduce((sum, { count, next }) => sum + count - next, 0);
  }

  /** @param take the crop's bytes, copied when its turn comes @returns takes what has not been begun out again */
  add(
    count: number,
    take: (index: number) => Uint8Array,
    done: (index: number, logits: Float32Array) => void,
    fail: (error: Error) => void,
  ): () => void {
    const waiting: Waiting = { take, count, done, fail, next: 0 };
    this.#waiting.push(waiting);
    return () => this.#remove(waiting);
  }

  /** At most `most` crops, fewer when fewer wait. */
  takeBatch(most: number): QueuedCrop[] {
    const batch: QueuedCrop[] = [];
    while (batch.length < most) {
      const caller = this.#waiting.shift();
      if (caller === undefined) break;
      const index = caller.next;
      caller.next += 1;
      batch.push({
        pixels: caller.take(index),
        done: (logits) => caller.done(index, logits),
        fail: (error) => {
          this.#remove(caller);
          caller.fail(error);
        },
      });
      if (caller.next < caller.count) this.#waiting.push(caller);
    }
    return batch;
  }

  #remove(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting);
    if (at >= 0) this.#waiting.splice(at, 1);
  }
}
