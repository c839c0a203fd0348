import { SharedPlaces, type FairShare } from '../tenants/fair-share.js';

/** Bounds how many requests wait at once. */
export class WaiterLimit {
  readonly #places: SharedPlaces;

  constructor(share: FairShare) {
    this.#places = new SharedPlaces(share);
  }

  /** What `wait` resolves with, or `otherwise` at once when too many wait already. */
  async run<T>(tenant: string, otherwise: T, wait: () => Promise<T>): Promise<T> {
    const leave = this.#places.take(tenant);
    if (leave === null) return otherwise;
    try {
      return await wait();
    } finally {
      leave();
    }
  }
}
