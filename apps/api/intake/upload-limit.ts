import { Problem } from '../problems/problem.js';
import { SharedPlaces, type FairShare } from '../tenants/fair-share.js';

/** Bounds how many uploads and downloads are taken at once. */
export class UploadLimit {
  readonly #places: SharedPlaces;

  constructor(private readonly share: FairShare) {
    this.#places = new SharedPlaces(share);
  }

  /** @throws Problem `too_many_uploads` before `take` is begun */
  async run<T>(tenant: string, take: () => Promise<T>): Promise<T> {
    const leave = this.#places.take(tenant);
    if (leave === null) {
      throw new Problem(
        'too_many_uploads',
        `Expected at most ${this.share.most} uploads at a time, of all clients together, and there is no room for another one of yours.`,
        { members: { max_uploads: this.share.most } },
      );
    }
    try {
      return await take();
    } finally {
      leave();
    }
  }
}
