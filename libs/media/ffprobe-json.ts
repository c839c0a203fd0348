import { z } from 'zod';

const seconds = z.coerce.number().optional().catch(undefined);
const ratio = z.string().optional();

const probeSchema = z.object({
  format: z
    .object({ format_name: z.string().default('unknown'), duration: seconds, start_time: seconds })
    .optional(),
  streams: z
    .array(
      z.object({
        codec_type: z.string().optional(),
        codec_name: z.string().default('unknown'),
        width: z.number().optional(),
        height: z.number().optional(),
        avg_frame_rate: ratio,
        r_frame_rate: ratio,
        duration: seconds,
        start_time: seconds,
        disposition: z.object({ attached_pic: z.number().optional() }).optional(),
        tags: z.record(z.string(), z.string()).optional(),
        side_data_list: z.array(z.looseObject({ rotation: z.number().optional() })).optional(),
      }),
    )
    .default([]),
});

type Probed = z.output<typeof probeSchema>;
type Stream = Probed['streams'][number];

export interface VideoFacts {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** From the container's start to the video's end; null where no header tells. */
  readonly durationSeconds: number | null;
  readonly frameRate: number | null;
  readonly rotationDegrees: number;
}

export const containerOf = (json: unknown): string =>
  probeSchema.parse(json).format?.format_name ?? 'unknown';

/** The first video stream that is not a cover picture, or null where there is none. @param json ffprobe's answer */
export function parseProbe(json: unknown): VideoFacts | null {
  const probed = probeSchema.parse(json);
  const stream = probed.streams.find(
    ({ codec_type, disposition }) => codec_type === 'video' && disposition?.attached_pic !== 1,
  );
  if (
    stream?.width === undefined ||
    stream.height === undefined ||
    stream.width < 1 ||
    stream.height < 1
  )
    return null;
  const rotationDegrees = rotationOf(stream);
  const sideways = rotationDegrees % 180 !== 0;
  return {
    codec: stream.codec_name,
    width: sideways ? stream.height : stream.width,
    height: sideways ? stream.width : stream.height,
    durationSeconds: durationOf(probed, stream),
    frameRate: rateOf(stream.avg_frame_rate) ?? rateOf(stream.r_frame_rate),
    rotationDegrees,
  };
}

/** Clockwise turn that makes the picture upright, a multiple of 90; other angles are not turned by the decoder. */
function rotationOf({ side_data_list: sideData, tags }: Stream): number {
  const matrix = sideData?.find(({ rotation }) => rotation !== undefined)?.rotation;
  const clockwise = matrix === undefined ? Number(tags?.rotate ?? 0) : -matrix;
  return Number.isInteger(clockwise / 90) ? ((clockwise % 360) + 360) % 360 : 0;
}

function durationOf({ format }: Probed, stream: Stream): number | null {
  const own = stream.duration ?? clockSeconds(stream.tags?.DURATION);
  const delay = Math.max(0, (stream.start_time ?? 0) - (format?.start_time ?? 0));
  const duration = own === undefined ? format?.duration : own + delay;
  return duration !== undefined && Number.isFinite(duration) && duration > 0 ? duration : null;
}

/** `00:01:02.500000000`, as Matroska tags a track's length. */
function clockSeconds(text: string | undefined): number | undefined {
  const match = /^(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(text ?? '');
  return match === null
    ? undefined
    : Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3]);
}

function rateOf(text: string | undefined): number | null {
  const [numerator = NaN, denominator = 1] = (text ?? '').split('/').map(Number);
  const rate = numerator / denominator;
  return Number.isFinite(rate) && rate > 0 ? rate : null;
}
