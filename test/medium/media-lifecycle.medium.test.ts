import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sampleFrames, type SampleOptions } from '../../libs/media/decode-video.js';
import { decodeInputArguments, decodeOutputArguments } from '../../libs/media/ffmpeg-arguments.js';
import { prepareFfmpeg, startFfmpeg, startFfprobe } from '../../libs/media/ffmpeg.js';
import { UPRIGHT } from '../../libs/media/orientation.js';
import { probeMedia, type MediaProbe } from '../../libs/media/probe.js';
import { until } from '../support/until.js';
import { encodeCoded, ffmpeg } from './media-coded-video.js';
import { childrenNamed } from './media-processes.js';

const SECONDS = 60;

let folder: string;
let file: string;
let probe: MediaProbe;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'media-lifecycle-'));
  file = path.join(folder, 'video.mp4');
  // Frames larger than a pipe, so that ffmpeg has to wait for whoever reads.
  const size = { width: 640, height: 480 };
  encodeCoded(SECONDS * 25, ['-c:v', 'libx264', '-preset', 'ultrafast', file], size);
  probe = await probeMedia(file);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  expect(childrenNamed('ffmpeg')).toEqual([]);
  expect(childrenNamed('ffprobe')).toEqual([]);
});

const times = Array.from({ length: SECONDS }, (_, i) => i + 0.5);
const frames = (options: Partial<SampleOptions> = {}) =>
  sampleFrames(file, { startSeconds: 0, endSeconds: SECONDS, times }, { probe, ...options });

/** Takes all frames. */
async function drain(generator: ReturnType<typeof frames>): Promise<number> {
  let count = 0;
  while ((await generator.next()).done !== true) count += 1;
  return count;
}

describe('a decoder', () => {
  it('is gone when its frames are through', async () => {
    const progress: number[] = [];
    expect(await drain(frames({ onProgress: (done) => progress.push(done) }))).toBe(SECONDS);
    expect(progress.at(-1)).toBe(SECONDS);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it('is gone when the loop is left early', async () => {
    for await (const { sample } of frames()) {
      expect(childrenNamed('ffmpeg')).toHaveLength(1);
      if (sample === 2) break;
    }
    expect(childrenNamed('ffmpeg')).toEqual([]);
  });

  it('is gone when the loop throws', async () => {
    const work = async () => {
      for await (const { sample } of frames()) throw new Error(`no use for frame ${sample}`);
    };
    await expect(work()).rejects.toThrow('no use for frame 0');
    expect(childrenNamed('ffmpeg')).toEqual([]);
  });

  it('is ended by an abort while the caller is at work', async () => {
    const controller = new AbortController();
    const generator = frames({ signal: controller.signal });
    await generator.next();
    expect(childrenNamed('ffmpeg')).toHaveLength(1);
    const reason = new Error('cancelled');
    controller.abort(reason);
    await until('ffmpeg to be gone', () => childrenNamed('ffmpeg').length === 0);
    await expect(generator.next()).rejects.toBe(reason);
  });

  it('is ended by an abort while a frame is awaited, whenever it comes', async () => {
    for (const turns of [0, 1, 2, 5, 20, 100]) {
      const controller = new AbortController();
      const drained = drain(frames({ signal: controller.signal }));
      const failed = expect(drained).rejects.toThrow('cancelled');
      for (let i = 0; i < turns; i += 1) await new Promise((resolve) => setImmediate(resolve));
      controller.abort(new Error('cancelled'));
      await failed;
      expect(childrenNamed('ffmpeg')).toEqual([]);
    }
  });

  it('is not started for a signal that is aborted already', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(frames({ signal }).next()).rejects.toThrow('too late');
  });

  it('leaves no listener on a signal that outlives it', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const { signal } = new AbortController();
    for (let i = 0; i < 15; i += 1) {
      const generator = frames({ signal });
      await generator.next();
      await generator.return(undefined);
      await probeMedia(file, { signal });
    }
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  it('that something else ends is no fault of the file', async () => {
    const generator = frames();
    await generator.next();
    for (const pid of childrenNamed('ffmpeg')) process.kill(pid, 'SIGKILL');
    await expect(drain(generator)).rejects.toThrow(/ended from outside by SIGKILL/);
  });

  it('that ends in an orderly way on a signal does not pass for a short video', async () => {
    const generator = frames();
    await generator.next();
    for (const pid of childrenNamed('ffmpeg')) process.kill(pid, 'SIGTERM');
    await expect(drain(generator)).rejects.toThrow(/ended from outside/);
  });

  it('that gives no sign of life is ended', async () => {
    await expect(drain(frames({ decoder: { stallTimeoutMs: 1 } }))).rejects.toMatchObject({
      code: 'decoder_timeout',
    });
  });

  it('is not taken for stuck while the caller is at work', async () => {
    const generator = frames({ decoder: { stallTimeoutMs: 2000 } });
    await generator.next();
    const [pid = 0] = childrenNamed('ffmpeg');
    const worked = Date.now();
    await until('the caller to have worked', () => Date.now() - worked > 2500);
    expect(childrenNamed('ffmpeg')).toEqual([pid]);
    expect((await generator.next()).done).toBe(false);
    await generator.return(undefined);
  });

  it('waits for whoever reads its frames', async () => {
    const generator = frames();
    await generator.next();
    const [pid = 0] = childrenNamed('ffmpeg');
    const cpu = async () => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).join('+');
    };
    // It has come to rest when it spends no time any more, long before the end of the video.
    let spent = '';
    let resting = 0;
    await until('ffmpeg to rest', async () => {
      const now = await cpu();
      resting = now === spent ? resting + 1 : 0;
      spent = now;
      return resting === 5;
    });
    expect(childrenNamed('ffmpeg')).toEqual([pid]);
    await generator.return(undefined);
  });

  it('dies with the process that started it', async () => {
    const script = `
      const { spawn } = require('node:child_process');
      const [program, ...args] = JSON.parse(process.argv[1]);
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore', 'pipe'], detached: true });
      child.stdout.once('data', () => { child.stdout.pause(); process.stdout.write(String(child.pid)); });
      child.stdio[3].resume();
      setInterval(() => {}, 1000);`;
    const plan = {
      ...{ seekSeconds: null, storedWidth: 640, storedHeight: 480 },
      ...{ orientation: UPRIGHT, threads: 1, maxStreams: 10 },
      ...{ streamIndex: 0, interlaced: false, hdr: null },
      choice: {
        kind: 'targets',
        targetMicros: times.map((time) => time * 1e6 + 0.5),
        rateKnown: true,
      },
    } as const;
    const args = [...decodeInputArguments(plan), '-i', file, ...decodeOutputArguments(plan)];
    const command = JSON.stringify(['ffmpeg', ...args, 'pipe:1']);
    const parent = spawn(process.execPath, ['-e', script, command]);
    const pid = await new Promise<number>((resolve) => {
      parent.stdout.once('data', (data) => {
        resolve(Number(data));
      });
    });
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until('the orphan to end by itself', () => !isAlive(pid));
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('programs', () => {
  it('are found', async () => {
    await expect(prepareFfmpeg()).resolves.toEqual([]);
  });

  it('have a process group of their own, a lower priority, and end whole', async () => {
    const run = await startFfmpeg(file, ['-nostdin', '-re'], ['-f', 'null']);
    const stat = await readFile(`/proc/${run.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    expect(Number(fields[2])).toBe(run.pid);
    expect(Number(fields[16])).toBe(5);
    expect(await run.stop()).toMatchObject({ code: null, signal: 'SIGKILL' });
    // Ending what is gone does nothing.
    expect((await run.stop()).signal).toBe('SIGKILL');
  });

  it('are confined: memory, files, network, environment, and to the life of this process', async () => {
    const run = await startFfmpeg(file, ['-nostdin', '-re'], ['-f', 'null'], {
      limits: { memoryBytes: 3 * 1024 ** 3, cpuSeconds: 100 },
    });
    await until('ffmpeg to run', () => childrenNamed('ffmpeg').length === 1);
    const of = (name: string) => readFile(`/proc/${run.pid}/${name}`, 'utf8');
    const limits = await of('limits');
    expect(limits).toMatch(/^Max address space +3221225472 +3221225472 /m);
    expect(limits).toMatch(/^Max cpu time +100 +105 /m);
    expect(limits).toMatch(/^Max file size +0 +0 /m);
    expect(limits).toMatch(/^Max core file size +0 +0 /m);
    expect(limits).toMatch(/^Max open files +64 +64 /m);
    expect(await of('status')).toMatch(/^NoNewPrivs:\t1$/m);
    expect(await readlink(`/proc/${run.pid}/ns/net`)).not.toBe(await readlink('/proc/self/ns/net'));
    expect((await of('environ')).split('\0').filter((entry) => entry !== '')).toEqual([
      expect.stringMatching(/^PATH=/),
    ]);
    await run.stop();
  });

  it('that break down on a file, or need too much for it, refuse the file and are no fault of the service', async () => {
    const huge = path.join(folder, 'huge.mkv');
    ffmpeg(['-f', 'lavfi', '-i', 'color=s=8000x6000:d=0.1:r=10', '-c:v', 'mjpeg', huge]);
    const options = { probe: await probeMedia(huge), decoder: { memoryBytes: 600e6 } };
    const request = { startSeconds: 0, endSeconds: 0.1, times: [0] };
    await expect(drain(sampleFrames(huge, request, options))).rejects.toMatchObject({
      code: 'media_too_large',
      details: { memoryBytes: 600e6 },
    });
    const generator = frames();
    await generator.next();
    for (const pid of childrenNamed('ffmpeg')) process.kill(pid, 'SIGSEGV');
    await expect(drain(generator)).rejects.toMatchObject({
      code: 'media_unreadable',
      message: expect.stringContaining('ffmpeg broke down on it (SIGSEGV)') as string,
    });
  });

  it('that take too long in all are ended, however lively', async () => {
    await expect(drain(frames({ decoder: { timeoutMs: 5 } }))).rejects.toMatchObject({
      code: 'decoder_timeout',
      message: expect.stringContaining('not done with a part of it in 0.005 s') as string,
    });
  });

  it('tell how they ended, without paths', async () => {
    const { ended } = await startFfprobe(path.join(folder, 'absent.mp4'), ['-v', 'error']);
    expect(await ended).toEqual({
      code: 1,
      signal: null,
      messages: ['the file: No such file or directory'],
    });
  });
});
