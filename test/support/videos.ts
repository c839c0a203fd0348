import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

const run = promisify(execFile);
const portrait = fileURLToPath(
  new URL('../fixtures/golden/pictures/portrait-512.png', import.meta.url),
);

/** A video of a real face, swaying over a moving test pattern; made once a minute, longer ones repeat the first minute. */
export async function makeVideo(
  folder: string,
  {
    seconds,
    width,
    height,
  }: { readonly seconds: number; readonly width: number; readonly height: number },
): Promise<string> {
  const minute = Math.min(60, seconds);
  const first = path.join(folder, `${width}x${height}-${minute}.mp4`);
  const side = Math.round(height * 0.8);
  const filter = `[1]scale=${side}:${side}[face];[0][face]overlay=x='(W-w)/2+${Math.round(width / 10)}*sin(t)':y=${Math.round(height / 10)}`;
  await run('ffmpeg', [
    ...[
      '-v',
      'error',
      '-y',
      '-f',
      'lavfi',
      '-i',
      `testsrc2=size=${width}x${height}:rate=25:duration=${minute}`,
    ],
    ...[
      '-i',
      portrait,
      '-filter_complex',
      filter,
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-crf',
      '28',
    ],
    ...['-g', '50', '-pix_fmt', 'yuv420p', first],
  ]);
  if (seconds === minute) return first;
  const target = path.join(folder, `${width}x${height}-${seconds}.mp4`);
  const repeats = Math.ceil(seconds / minute) - 1;
  await run('ffmpeg', [
    '-v',
    'error',
    '-y',
    '-stream_loop',
    String(repeats),
    '-i',
    first,
    '-t',
    String(seconds),
    '-c',
    'copy',
    target,
  ]);
  return target;
}
