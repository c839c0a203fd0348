import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../apps/standalone/project-root.js';
import type { Random } from './random.js';

const run = promisify(execFile);

export interface Medium {
  readonly name: string;
  readonly kind: 'image' | 'video';
  readonly file: string;
}

/** Seconds of the base clip; a copy begins at any whole second. */
const BASE_SECONDS = 20;
/** Longer than one segment, so that some segments are finished while others are not. */
const LONG_SECONDS = 125;

/** Different pictures and clips, all made from the demo's media: no two have the same hash or the same answer. */
export async function makeMedia(
  folder: string,
  random: Random,
  { images, videos }: { readonly images: number; readonly videos: number },
): Promise<readonly Medium[]> {
  await mkdir(folder, { recursive: true });
  const pictures = await makeImages(folder, images);
  return [...pictures, ...(await makeVideos(folder, random, videos))];
}

async function makeImages(folder: string, count: number): Promise<readonly Medium[]> {
  const sources = ['portrait', 'portrait-edited'];
  const made: Medium[] = [];
  for (const [index, source] of sources.entries()) {
    const own = Math.floor((count + sources.length - 1 - index) / sources.length);
    if (own === 0) continue;
    await ffmpeg(
      ['-loop', '1', '-i', demo(`${source}.jpg`)],
      ['-vf', "crop=440:440:'mod(n*7,72)':'mod(n*11,71)',eq=gamma=0.9+mod(n\\,9)/40:eval=frame"],
      ['-frames:v', String(own), '-q:v', '3', path.join(folder, `${source}-%04d.jpg`)],
    );
    for (let n = 1; n <= own; n += 1) {
      const name = `${source}-${String(n).padStart(4, '0')}.jpg`;
      made.push({ name, kind: 'image', file: path.join(folder, name) });
    }
  }
  return made;
}

/** Every fifth is long. */
async function makeVideos(
  folder: string,
  random: Random,
  count: number,
): Promise<readonly Medium[]> {
  const base = path.join(folder, 'base.mp4');
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '23', '-g', '10', '-an'];
  await ffmpeg(['-i', demo('interview.mp4')], ['-vf', 'scale=320:240,fps=10', ...codec, base]);
  const made: Medium[] = [];
  for (let n = 0; n < count; n += 1) {
    const isLong = n % 5 === 1;
    const name = `${isLong ? 'long' : 'clip'}-${String(n).padStart(4, '0')}.mp4`;
    const file = path.join(folder, name);
    // A comment of its own makes each a file of its own, however much of the pictures they share.
    const output = ['-c', 'copy', '-metadata', `comment=${name}`, file];
    if (isLong) {
      const seconds = String(LONG_SECONDS + n);
      const loops = String(Math.ceil((LONG_SECONDS + n) / BASE_SECONDS));
      await ffmpeg(['-stream_loop', loops, '-i', base, '-t', seconds], output);
    } else {
      const start = String(random.integer(0, BASE_SECONDS - 9));
      const seconds = String(random.integer(4, 8));
      await ffmpeg(['-ss', start, '-i', base, '-t', seconds], output);
    }
    made.push({ name, kind: 'video', file });
  }
  return made;
}

const demo = (name: string): string => path.join(projectRoot, 'demo', name);

async function ffmpeg(...args: readonly (readonly string[])[]): Promise<void> {
  await run('ffmpeg', ['-v', 'error', '-y', ...args.flat()]);
}
