import { describe, expect, it } from 'vitest';
import { FrameLog, type FrameNote } from './frame-log.js';
import { latestMicros } from './target-times.js';

function read(targets: readonly number[], lines: readonly string[]): FrameNote[] {
  const log = new FrameLog(latestMicros(targets));
  return lines.flatMap((line) => log.read(line) ?? []);
}
const decoded = (n: number, micros: number) => [
  `frame:${n}    pts:${micros}  pts_time:${micros / 1e6}`,
  'stage=decoded',
];
const chosen = (target: number) => [
  `frame:${target}    pts:${target}       pts_time:${target}e-06`,
  'stage=chosen',
];
const chosenOf = (notes: FrameNote[]) => notes.filter(({ stage }) => stage === 'chosen');

describe('FrameLog', () => {
  it('gives each target the last frame that is not too late for it', () => {
    const notes = read(
      [0.05, 0.1],
      [
        ...[decoded(0, 0), decoded(1, 40_000), decoded(2, 80_000)].flat(),
        ...chosen(0),
        ...[decoded(3, 120_000), chosen(1)].flat(),
      ],
    );
    expect(chosenOf(notes)).toEqual([
      { stage: 'chosen', target: 0, micros: 40_000, followed: true },
      { stage: 'chosen', target: 1, micros: 80_000, followed: true },
    ]);
  });

  it('lets one frame stand for several targets', () => {
    const notes = read(
      [1, 2, 3],
      [...[decoded(0, 0), decoded(1, 2_500_000), chosen(0), chosen(1), chosen(2)].flat()],
    );
    expect(chosenOf(notes).map((note) => note.micros)).toEqual([0, 0, 2_500_000]);
    expect(chosenOf(notes).map((note) => note.stage === 'chosen' && note.followed)).toEqual([
      ...[true, true, false],
    ]);
  });

  it('gives the first frame to targets before it, with its own time', () => {
    const notes = read([0, 1], [...decoded(0, 500_000), ...decoded(1, 600_000), ...chosen(0)]);
    expect(chosenOf(notes)).toMatchObject([{ target: 0, micros: 500_000 }]);
  });

  it('counts decoded frames, and reads times before the start', () => {
    const log = new FrameLog(latestMicros([0]));
    expect(decoded(0, -533_333).map((line) => log.read(line))).toEqual([
      null,
      { stage: 'decoded', micros: -533_333 },
    ]);
    expect(log.decoded).toBe(1);
  });

  it('passes over lines that are none of its own', () => {
    expect(read([0], ['stage=chosen', 'frame:x', '', 'lavfi.scene=1', ...chosen(0)])).toEqual([]);
  });
});
