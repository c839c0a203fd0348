import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../apps/standalone/project-root.js';
import { analyse, begin, cancel, type Client, type Sent } from './client.js';
import { distinctVideo } from './distinct-video.js';

const run = promisify(execFile);

export interface FloodPlan {
  /** Videos of ten minutes, begun before the pictures. */
  readonly videos: number;
  /** Pictures under way at a time: each answer is followed by the next request. */
  readonly picturesAtOnce: number;
}

const VIDEO_SECONDS = 600;
const LIMIT_MS = 120_000;

/** One tenant that sends as much as it can, until it is told to stop. */
export class Flood {
  readonly #sent: Sent[] = [];
  #isOver = false;
  #lanes: readonly Promise<void>[] = [];
  #videos: readonly string[] = [];

  private constructor(private readonly client: Client) {}

  /** Resolves once the videos are begun and the first pictures are answered. */
  static async start(client: Client, folder: string, plan: FloodPlan): Promise<Flood> {
    const flood = new Flood(client);
    const video = await longVideo(folder);
    const names = Array.from({ length: plan.videos }, (_, n) => `flood-${n}.mp4`);
    flood.#videos = await Promise.all(
      names.map((name) =>
        begin(client, { name, kind: 'video', file: '' }, distinctVideo(video, name)),
      ),
    );
    const picture = await readFile(path.join(projectRoot, 'demo/portrait.jpg'));
    let next = 0;
    const lane = async () => {
      while (!flood.#isOver) {
        const name = `flood-${next++}.jpg`;
        const medium = { name, kind: 'image', file: '' } as const;
        // Readers of JPEG stop at the picture's end: another file, the same pixels.
        flood.#sent.push(
          await analyse(client, medium, another(picture, Buffer.from(name)), LIMIT_MS),
        );
      }
    };
    flood.#lanes = Array.from({ length: plan.picturesAtOnce }, lane);
    while (flood.#sent.length < plan.picturesAtOnce)
      await new Promise((resolve) => setTimeout(resolve, 50));
    return flood;
  }

  /** Ends it, and tells what became of the pictures that were sent so far. */
  async stop(): Promise<readonly Sent[]> {
    this.#isOver = true;
    await Promise.all([...this.#lanes, ...this.#videos.map((id) => cancel(this.client, id))]);
    return this.#sent;
  }
}

async function longVideo(folder: string): Promise<Buffer> {
  const file = path.join(folder, 'flood.mp4');
  await run('ffmpeg', [
    ...['-v', 'error', '-y', '-stream_loop', '100', '-i', path.join(folder, 'base.mp4')],
    ...['-t', String(VIDEO_SECONDS), '-c', 'copy', file],
  ]);
  return readFile(file);
}

const another = (bytes: Buffer, more: Buffer): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.concat([bytes, more]));
