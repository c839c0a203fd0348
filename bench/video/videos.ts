import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const portrait = fileURLToPath(new URL('../../../demo/portrait.jpg', import.meta.url));

export interface VideoSize {
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
}

/** H.264 as x264 makes it unless told otherwise, but for speed: B-frames, a key frame every 250 frames. Encoded once, then repeated. */
export async function makeVideo(
  folder: string,
  { width, height, frameRate }: VideoSize,
  { encoded, seconds }: { readonly encoded: number; readonly seconds: number },
): Promise<string> {
  const once = path.join(folder, `${width}x${height}-${frameRate}-${encoded}.mp4`);
  const side = Math.round(height * 0.7);
  const sway = `(W-w)/2+${Math.round(width / 10)}*sin(t)`;
  const graph = `[1]scale=${side}:${side}[face];[0][face]overlay=x='${sway}':y=${Math.round(height / 10)}`;
  const source = `testsrc2=size=${width}x${height}:rate=${frameRate}:duration=${encoded}`;
  await run('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', source, '-i', portrait, '-filter_complex', graph],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', once],
  ]);
  if (seconds === encoded) return once;
  const target = path.join(folder, `${width}x${height}-${frameRate}-${seconds}.mp4`);
  const repeats = String(Math.ceil(seconds / encoded) - 1);
  const length = ['-t', String(seconds), '-c', 'copy', target];
  await run('ffmpeg', ['-v', 'error', '-y', '-stream_loop', repeats, '-i', once, ...length]);
  return target;
}
