import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeDisplayMatrix } from '../medium/media-coded-video.js';
import { changeBoxes, u32 } from './boxes.js';
import type { CorpusFile } from './corpus-file.js';
import { coded, encoded } from './encoded.js';
import { steady, X264 } from './videos.js';

const copy = ['-i', '@0', '-c', 'copy'];
const VARIABLE = ['-fps_mode', 'vfr', ...X264, '-bf', '0'];
const plain = () => coded('mp4', X264);

/** Clocks that don't begin at 0, aren't even, or can't be believed. */
export const timing: readonly CorpusFile[] = [
  {
    // The first frames are there and not to be shown.
    name: 'edit-list-cut.mp4',
    bytes: () => {
      const long = coded('mp4', ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '50'], {
        count: 150,
      });
      return encoded('mp4', ['-ss', '3.2', ...copy], long);
    },
    expected: steady({ first: 80, count: 70 }),
  },
  {
    // Pictures begin later than the sound: an empty edit.
    name: 'edit-list-late.mp4',
    bytes: () =>
      encoded(
        'mp4',
        [
          ...['-f', 'lavfi', '-i', 'sine=d=3', '-itsoffset', '0.5', '-i', '@0', '-copyts'],
          ...['-map', '1:v', '-map', '0:a', '-c:v', 'copy', '-c:a', 'aac'],
        ],
        plain(),
      ),
    expected: steady(),
  },
  {
    name: 'variable-rate.mp4',
    bytes: () =>
      encoded(
        'mp4',
        ['-i', '@0', '-vf', "setpts='if(lt(N,25),N,25+(N-25)*4)/25/TB'", ...VARIABLE],
        plain(),
      ),
    expected: steady(
      {},
      {
        timeOf: (number) => (number < 25 ? number : 25 + (number - 25) * 4) / 25,
        // The last one's length is not told.
        durationSeconds: (25 + 24 * 4 + 1) / 25,
      },
    ),
  },
  {
    name: 'variable-rate.mkv',
    bytes: () =>
      encoded('mkv', ['-i', '@0', '-vf', "setpts='floor(N*(1+N/50))/25/TB'", ...VARIABLE], plain()),
    expected: steady(
      {},
      { timeOf: (number) => Math.floor(number * (1 + number / 50)) / 25, durationSeconds: 3.92 },
    ),
  },
  {
    name: 'starts-before-zero.ts',
    bytes: () =>
      encoded('ts', ['-itsoffset', '-1', ...copy, '-copyts', '-avoid_negative_ts', '0'], plain()),
    expected: steady(),
  },
  {
    // As cut out of a day of broadcast: the clock is at 20 hours.
    name: 'starts-late.ts',
    bytes: () => encoded('ts', ['-itsoffset', '72000', ...copy, '-copyts'], plain()),
    expected: steady(),
  },
  {
    // The clock of MPEG-TS has 33 bits, and begins anew after 26.5 hours: here in the middle.
    name: 'clock-wraps.ts',
    bytes: () => encoded('ts', ['-itsoffset', '95442.717', ...copy, '-copyts'], plain()),
    expected: steady(),
  },
  {
    // What a browser records: neither length nor index.
    name: 'live.webm',
    bytes: () =>
      coded('webm', [
        ...['-c:v', 'libvpx', '-deadline', 'realtime', '-b:v', '300k', '-f', 'webm', '-live', '1'],
      ]),
    expected: steady(),
  },
  {
    // No presentation times at all in AVI, and frames that are stored in another order than they are shown.
    name: 'h264-b-frames.avi',
    bytes: () => coded('avi', X264),
    expected: steady(),
  },
  {
    name: 'length-of-zero.mp4',
    bytes: () =>
      ['mvhd', 'mdhd'].reduce<Uint8Array>(
        (bytes, type) => changeBoxes(bytes, type, ({ body }) => body.writeUInt32BE(0, 16)),
        changeBoxes(plain(), 'tkhd', ({ body }) => body.writeUInt32BE(0, 20)),
      ),
    expected: steady(),
  },
  {
    name: 'length-of-days.mp4',
    bytes: () =>
      changeBoxes(
        ['mvhd', 'mdhd'].reduce<Uint8Array>(
          (bytes, type) =>
            changeBoxes(bytes, type, ({ body }) => body.writeUInt32BE(0xfffffff0, 16)),
          plain(),
        ),
        'edts',
        (found) => {
          found.type = 'skip';
        },
      ),
    expected: steady(),
  },
  {
    // Two recordings one after the other, each with its clock from 0: the second part lies over the first.
    name: 'clock-jumps-back.ts',
    bytes: () => {
      const part = (first: number) => coded('ts', X264, { first });
      return Buffer.concat([part(0), part(50)]);
    },
    // What is shown when, the file doesn't say; it is read without a hang.
    expected: { verdict: 'either' },
  },
];

type Matrix = readonly [number, number, number, number];

function turned(name: string, matrix: Matrix, filter: string): CorpusFile {
  const stored = () => coded('mp4', [...(filter === '' ? [] : ['-vf', filter]), ...X264]);
  return {
    name,
    bytes: () => {
      const file = path.join(tmpdir(), `corpus-${process.pid}-${name}`);
      writeFileSync(file, stored());
      writeDisplayMatrix(file, matrix);
      const bytes = readFileSync(file);
      rmSync(file);
      return bytes;
    },
    expected: steady(),
  };
}

/** Stored turned or mirrored, with a display matrix that makes it upright. */
export const turns: readonly CorpusFile[] = [
  turned('quarter-turn.mp4', [0, 1, -1, 0], 'transpose=cclock'),
  turned('half-turn.mp4', [-1, 0, 0, -1], 'hflip,vflip'),
  turned('three-quarter-turn.mp4', [0, -1, 1, 0], 'transpose=clock'),
  turned('mirrored.mp4', [-1, 0, 0, 1], 'hflip'),
  turned('upside-down.mp4', [1, 0, 0, -1], 'vflip'),
  turned('mirrored-quarter-turn.mp4', [0, 1, 1, 0], 'transpose=cclock_flip'),
  {
    name: 'quarter-turn.mov',
    bytes: () => {
      const stored = coded('mov', ['-vf', 'transpose=cclock', ...X264]);
      const matrix = u32(0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000);
      return changeBoxes(stored, 'tkhd', ({ body }) => matrix.copy(body, 40));
    },
    expected: steady(),
  },
];
