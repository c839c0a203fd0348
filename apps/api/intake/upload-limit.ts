import { Problem } from '../problems/problem.js';

/** Bounds how many uploads and downloads are taken at once. */
export class UploadLimit {
  #underWay = 0;

  constructor(private readonly most: number) {}

  /** @throws Problem `too_many_uploads` before `take` is begun */
  async run<T>(take: () => Promise<T>): Promise<T> {
    if (this.#underWay >= this.most) {
      throw new Problem(
        'too_many_uploads',
        `Expected at most ${this.most} uploads at a time, and as many are under way.`,
        { members: { max_uploads: this.most } },
      );
    }
    this.#underWay += 1;
    try {
      return await take();
    } finally {
      this.#underWay -= 1;
    }
  }
}
