import { z } from 'zod';
import { displaySize } from './display-size.js';
import { hdrOf, type Hdr } from './hdr.js';
import {
  isSideways,
  orientationOfMatrix,
  quarterTurn,
  UPRIGHT,
  type Orientation,
} from './orientation.js';

const seconds = z.coerce.number().optional().catch(undefined);

/** The part of ffprobe's answer that is used. */
const probeSchema = z.object({
  format: z.object({
    format_name: z.string(),
    duration: seconds,
    start_time: seconds,
    tags: z.record(z.string(), z.string()).optional(),
  }),
  streams: z.array(
    z.object({
      index: z.number(),
      codec_type: z.string().optional(),
      codec_name: z.string().optional(),
      width: z.number().optional(),
      height: z.number().optional(),
      avg_frame_rate: z.string().optional(),
      r_frame_rate: z.string().optional(),
      duration: seconds,
      start_time: seconds,
      sample_aspect_ratio: z.string().optional(),
      field_order: z.string().optional(),
      color_transfer: z.string().optional(),
      has_b_frames: z.number().optional(),
      disposition: z
        .object({ attached_pic: z.number().optional(), default: z.number().optional() })
        .optional(),
      tags: z.record(z.string(), z.string()).optional(),
      side_data_list: z
        .array(
          z.looseObject({ displaymatrix: z.string().optional(), rotation: z.number().optional() }),
        )
        .optional(),
    }),
  ),
});

/** Frames per second above which a rate is none of frames. */
const HIGHEST_RATE = 480;

type Probed = z.output<typeof probeSchema>;
type Stream = Probed['streams'][number];

export interface ContainerFacts {
  /** `mp4`, `mov`, `matroska`, or ffprobe's own name. */
  readonly container: string;
  /** The video stream that a player would show, or null where there is none. */
  readonly video: VideoFacts | null;
  /** Codec of the first audio stream, or null where there is none. */
  readonly audioCodec: string | null;
  /** Length of all streams together; null where no header tells. */
  readonly durationSeconds: number | null;
}

export interface VideoFacts extends Orientation {
  readonly streamIndex: number;
  /** Null where ffprobe doesn't know it. */
  readonly codec: string | null;
  /** Upright size in square pixels; 0 where not one picture's header could be read. */
  readonly width: number;
  readonly height: number;
  /** From the first frame to the end of the last; null where no header tells. */
  readonly durationSeconds: number | null;
  /** Timestamp of the first frame, on the container's own clock. */
  readonly startSeconds: number;
  /** Average frames per second; null where unknown. */
  readonly frameRate: number | null;
  /** Whether frames don't come at even intervals, as far as headers tell. */
  readonly variableFrameRate: boolean;
  /** Whether a frame may hold the fields of two moments, as far as headers tell. */
  readonly interlaced: boolean;
  readonly hdr: Hdr | null;
  /** Of Matroska and WebM: names the key with which the pictures are encrypted; null where they are not. */
  readonly encryptionKeyId: string | null;
}

/** @param json ffprobe's answer @throws ZodError when it isn't one */
export function parseProbe(json: unknown): ContainerFacts {
  const probed = probeSchema.parse(json);
  const video = shownVideo(probed.streams);
  const audio = probed.streams.find(({ codec_type }) => codec_type === 'audio');
  return {
    container: containerOf(probed.format),
    video: video === undefined ? null : videoFacts(probed, video),
    audioCodec: audio === undefined ? null : (audio.codec_name ?? 'unknown'),
    durationSeconds: positive(probed.format.duration),
  };
}

/**
 * Of several videos the one that is marked as default, then the one with the most pixels, then the first. A cover picture is
 * none, and one that can't be read only serves where there is no other.
 */
function shownVideo(streams: readonly Stream[]): Stream | undefined {
  const isReadable = (stream: Stream) =>
    stream.codec_name !== undefined && pixels(stream) > 0 ? 1 : 0;
  const pixels = ({ width = 0, height = 0 }: Stream) => width * height;
  const isDefault = ({ disposition }: Stream) => disposition?.default ?? 0;
  return streams
    .filter(
      ({ codec_type, disposition }) => codec_type === 'video' && disposition?.attached_pic !== 1,
    )
    .sort(
      (one, other) =>
        isReadable(other) - isReadable(one) ||
        isDefault(other) - isDefault(one) ||
        pixels(other) - pixels(one),
    )[0];
}

function containerOf({ format_name: names, tags }: Probed['format']): string {
  const first = names.split(',')[0] ?? names;
  if (first !== 'mov') return first;
  return tags?.major_brand?.trim() === 'qt' ? 'mov' : 'mp4';
}

function videoFacts(probed: Probed, stream: Stream): VideoFacts {
  const { width = 0, height = 0 } = stream;
  const shown = displaySize({ width, height }, stream.sample_aspect_ratio);
  const orientation = orientationOf(stream);
  const sideways = isSideways(orientation);
  const average = rateOf(stream.avg_frame_rate);
  const base = rateOf(stream.r_frame_rate);
  return {
    ...orientation,
    streamIndex: stream.index,
    codec: stream.codec_name ?? null,
    width: sideways ? shown.height : shown.width,
    height: sideways ? shown.width : shown.height,
    startSeconds: (stream.start_time ?? 0) + reorderingDelay(probed, stream, average ?? base),
    durationSeconds: durationOf(probed, stream),
    // Without an average the other may be no more than the clock's rate.
    frameRate: average ?? (base !== null && base <= HIGHEST_RATE ? base : null),
    // `r_frame_rate` is the rate at which every timestamp can be told; frames left out make the average lower.
    variableFrameRate: average === null || base === null || Math.abs(average / base - 1) > 0.1,
    interlaced: /^[tb][tb]$/.test(stream.field_order ?? ''),
    hdr: hdrOf(stream.color_transfer),
    encryptionKeyId: stream.tags?.enc_key_id ?? null,
  };
}

/**
 * AVI tells when frames are to be decoded, not when they are shown. ffmpeg takes the one for the other once frames come out of
 * the decoder: later than they are meant to by as many frames as that one holds back.
 */
function reorderingDelay({ format }: Probed, stream: Stream, rate: number | null): number {
  return format.format_name === 'avi' && rate !== null ? (stream.has_b_frames ?? 0) / rate : 0;
}

/** The display matrix, or the tag that older files have instead. */
function orientationOf({ side_data_list: sideData, tags }: Stream): Orientation {
  const text = sideData?.find(({ displaymatrix }) => displaymatrix !== undefined)?.displaymatrix;
  if (text !== undefined) {
    const rows = text.split('\n').filter((row) => row.includes(':'));
    return orientationOfMatrix(
      rows.flatMap((row) => row.replace(/^.*:/, '').trim().split(/\s+/).map(Number)),
    );
  }
  const rotationDegrees = quarterTurn(Number(tags?.rotate ?? 0));
  return rotationDegrees === null ? UPRIGHT : { rotationDegrees, mirrored: false };
}

function durationOf({ format }: Probed, stream: Stream): number | null {
  const own = positive(stream.duration);
  if (own !== null) return own;
  const start = stream.start_time ?? 0;
  if (format.format_name.startsWith('matroska')) {
    // Matroska tells when a track or the whole ends, on its own clock.
    const end = clockSeconds(stream.tags?.DURATION) ?? positive(format.duration);
    return end === null ? null : positive(end - start);
  }
  // Another stream may come first.
  const delay = Math.max(0, start - (format.start_time ?? 0));
  return format.duration === undefined ? null : positive(format.duration - delay);
}

/** `00:01:02.500000000`, as Matroska tags a track's end. */
function clockSeconds(text: string | undefined): number | null {
  const match = /^(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(text ?? '');
  if (match === null) return null;
  return positive(Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3]));
}

function rateOf(text: string | undefined): number | null {
  const [numerator = NaN, denominator = 1] = (text ?? '').split('/').map(Number);
  return positive(numerator / denominator);
}

const positive = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) && value > 0 ? value : null;
