import type { ProcessLimits } from './confinement.js';
import {
  decodeInputArguments,
  decodeOutputArguments,
  type DecodePlan,
} from './ffmpeg-arguments.js';
import { startFfmpeg, type Ending } from './ffmpeg.js';
import { FrameLog, type ChosenFrame } from './frame-log.js';
import { FrameReader } from './frame-reader.js';
import { LogReader } from './log-reader.js';
import { Mailbox } from './mailbox.js';
import type { SpareBuffers } from './spare-buffers.js';

/** One run of ffmpeg over a part of a video. */
export interface DecodePass {
  /** Time of the first decoded frame in microseconds; null when there is none. */
  readonly firstMicros: Promise<number | null>;
  /** The chosen frames with their pixels, in order of time. */
  frames(): AsyncGenerator<{ readonly chosen: ChosenFrame; readonly data: Uint8Array }>;
  /** Resolves when ffmpeg is gone. */
  readonly ended: Promise<Ending>;
  /** Ends ffmpeg at once; resolves when it is gone. */
  stop(): Promise<Ending>;
  /** Frames decoded so far. */
  readonly decoded: number;
  /** Packets so far of which the decoder made nothing. */
  readonly undecodable: number;
  /** Whether ffmpeg gave up because not one frame could be decoded, and for no other reason. */
  readonly withoutFrames: boolean;
}

/** ffmpeg's words for a packet that can't be decoded, in version 5 and since version 6.1. */
const UNDECODABLE =
  /Error while decoding stream|Error submitting packet to decoder|Decoding error:/;

/** Its words for filters that never got a frame. */
const NO_FORMAT = 'Cannot determine format of input stream';

/**
 * @param spare where frames' buffers come from
 * @param onSign told whenever ffmpeg gives a sign of life
 * @throws as `startFfmpeg`
 */
export async function startPass(
  file: string,
  plan: DecodePlan,
  {
    limits,
    spare,
    signal,
    onSign,
  }: {
    readonly limits: ProcessLimits;
    readonly spare: SpareBuffers;
    readonly signal?: AbortSignal;
    readonly onSign: () => void;
  },
): Promise<DecodePass> {
  let undecodable = 0;
  let noFormat = false;
  const onMessage = (line: string) => {
    onSign();
    if (UNDECODABLE.test(line)) undecodable += 1;
    if (line.includes(NO_FORMAT)) noFormat = true;
  };
  const before = decodeInputArguments(plan);
  const after = decodeOutputArguments(plan);
  const { choice, storedWidth, storedHeight } = plan;
  const log = new FrameLog(choice.kind === 'targets' ? choice.targetMicros : null);
  const first = new Mailbox<number>();
  const chosen = new Mailbox<ChosenFrame>();
  const notes = new LogReader((line) => {
    onSign();
    const note = log.read(line);
    if (note?.stage === 'decoded' && log.decoded === 1) {
      first.push(note.micros);
      notes.relax();
    }
    if (note?.stage === 'chosen') {
      chosen.push(note);
      notes.relax();
    }
  });
  void notes.ended.then(() => {
    first.end();
    chosen.end();
  });
  const pixels = new FrameReader(storedWidth * storedHeight * 3, spare, onSign);
  const readers = { output: pixels, log: notes };
  const run = await startFfmpeg(file, before, after, { limits, signal, onMessage, readers });
  // What it wrote last is part of how it ended.
  const ended = run.ended.then(async (ending) => {
    notes.hurry();
    await notes.ended;
    return ending;
  });
  return {
    firstMicros: first.next(),
    async *frames() {
      for (;;) {
        const data = await pixels.next();
        if (data === null) return;
        // Printed before the pixels were written: already on its way, however far ffmpeg is held back.
        if (chosen.isEmpty) notes.hurry();
        const next = await chosen.next();
        if (next === null) return;
        yield { chosen: next, data };
      }
    },
    ended,
    stop: () => run.stop(),
    get decoded() {
      return log.decoded;
    },
    get undecodable() {
      return undecodable;
    },
    get withoutFrames() {
      return log.decoded === 0 && (undecodable > 0 || noFormat);
    },
  };
}
