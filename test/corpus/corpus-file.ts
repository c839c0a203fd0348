import type { MediaErrorCode } from '../../libs/media/media-error.js';

/** A file that people, or those who wish us ill, may send, and what must become of it. */
export interface CorpusFile {
  /** Unique; also the name under which it is sent, unless `sentAs` differs. */
  readonly name: string;
  readonly sentAs?: string;
  /** What the client says it is. */
  readonly declared?: 'IMAGE' | 'VIDEO';
  readonly bytes: () => Uint8Array | Promise<Uint8Array>;
  readonly expected: Expected;
}

export type Expected = Moving | Still | Refused | Orderly;

/** Analysed as a video; its frames are coded pictures. */
export interface Moving {
  readonly verdict: 'video';
  /** Upright size in pixels, as displayed. */
  readonly size: readonly [number, number];
  readonly container?: string;
  readonly codec?: string;
  /** Seconds between frames: a sample's time may be off by half of it. */
  readonly frameSeconds: number;
  /** True time, from the first frame, of the frame that tells this number. */
  readonly timeOf: (number: number) => number;
  readonly durationSeconds: number;
  /** Share of the samples that must be there, 0..1; 1 unless the file is damaged. */
  readonly share?: number;
  /** Grey level (0..255) of white, where more than the code's readability counts. */
  readonly white?: readonly [number, number];
}

/** Analysed as a picture that tells this number. */
export interface Still {
  readonly verdict: 'image';
  readonly size: readonly [number, number];
  readonly container?: string;
  /** Null where the picture is no coded one. */
  readonly number: number | null;
  /** Between which levels its white must come out; nothing is said where there is no HDR. */
  readonly white?: readonly [number, number];
}

/** Refused with this reason. */
export interface Refused {
  readonly verdict: 'refused';
  readonly code: MediaErrorCode;
  /** What the message must name. */
  readonly says?: string;
}

/** Damaged at random: whatever can be read may be analysed, everything else is refused. */
export interface Orderly {
  readonly verdict: 'either';
}

export const refused = (code: MediaErrorCode, says?: string): Refused => ({
  verdict: 'refused',
  code,
  says,
});
