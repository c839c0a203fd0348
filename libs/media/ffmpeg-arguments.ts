import { toneMapFilters, type Hdr } from './hdr.js';
import type { Orientation } from './orientation.js';
import { decisionTree } from './target-times.js';

/**
 * Demuxers that may open a client's file. Playlists, concatenations and pictures by number are not among them: they would
 * make ffmpeg open other files.
 */
export const DEMUXERS: readonly string[] = [
  ...['mov', 'matroska', 'avi', 'mpegts', 'mpeg', 'flv', 'gif', 'apng', 'ogg', 'asf'],
  ...['mp3', 'wav', 'aac', 'flac', 'amr', 'aiff', 'bmp_pipe'],
];

/**
 * For every input: no network, no other file, no more of the file than this to find out what it is, and no more streams than
 * allowed. A QuickTime file's references to other files are not followed unless ffmpeg is told to.
 */
const confined = (maxStreams: number): readonly string[] => [
  ...['-protocol_whitelist', 'file', '-format_whitelist', DEMUXERS.join(',')],
  ...['-probesize', '10000000', '-analyzeduration', '10000000', '-max_streams', `${maxStreams}`],
];

const PROBED_ENTRIES = [
  'format=format_name,duration,start_time',
  'format_tags=major_brand',
  'stream=index,codec_type,codec_name,width,height,avg_frame_rate,r_frame_rate,duration,start_time',
  'stream=sample_aspect_ratio,field_order,color_transfer,has_b_frames',
  'stream_disposition=attached_pic,default',
  'stream_tags=DURATION,rotate,enc_key_id',
  'stream_side_data=displaymatrix,rotation',
];

/** ffprobe arguments: container and streams as JSON, nothing more of a client's tags than needed. */
export function probeArguments(maxStreams: number): readonly string[] {
  const show = ['-of', 'json=compact=1', '-show_entries', PROBED_ENTRIES.join(':')];
  return ['-hide_banner', '-v', 'error', ...confined(maxStreams), ...show];
}

/** ffprobe arguments: a line `pts,dts,duration` in seconds for each packet of a stream; `N/A` where unknown. */
export function packetArguments(maxStreams: number, stream: number): readonly string[] {
  const show = ['-of', 'csv=p=0', '-show_entries', 'packet=pts_time,dts_time,duration_time'];
  return [
    ...['-hide_banner', '-v', 'error', ...confined(maxStreams)],
    ...['-select_streams', String(stream), ...show],
  ];
}

/** ffprobe arguments: a line `pts,dts,flags` for each packet of the video from one time to another, in seconds. */
export function keyPacketArguments(
  maxStreams: number,
  stream: number | null,
  from: number,
  to: number,
): readonly string[] {
  const show = ['-of', 'csv=p=0', '-show_entries', 'packet=pts_time,dts_time,flags'];
  return [
    ...[
      '-hide_banner',
      '-v',
      'error',
      ...confined(maxStreams),
      '-select_streams',
      streamSpecifier(stream),
    ],
    // The container's own word for what a packet is: the parser calls no damaged one a key frame.
    ...['-fflags', '+noparse'],
    ...['-read_intervals', `${from.toFixed(6)}%${to.toFixed(6)}`, ...show],
  ];
}

/** ffmpeg's way to name a stream; where none is chosen, the first with pictures. */
const streamSpecifier = (stream: number | null): string =>
  stream === null ? 'V:0' : String(stream);

/** Which frames go out. All times are on the container's own clock. */
export type FrameChoice =
  | {
      readonly kind: 'targets';
      /** See `latestMicros`: latest time of a frame that is on screen at each target, ascending. */
      readonly targetMicros: readonly number[];
      /** Whether the frame rate is known, which the padding of the end needs. */
      readonly rateKnown: boolean;
    }
  | {
      /** The first key frame of each part of a span. */
      readonly kind: 'key_frames';
      readonly fromMicros: number;
      readonly toMicros: number;
      /** Length of a part. */
      readonly stepMicros: number;
    };

/** One run of the decoder. All times are on the container's own clock. */
export interface DecodePlan {
  /** Where the demuxer seeks to, so that decoding begins at the key frame before; null to begin with the file. */
  readonly seekSeconds: number | null;
  readonly choice: FrameChoice;
  /** Index of the stream; null for the first one with pictures. */
  readonly streamIndex: number | null;
  /** Size of the picture before it is turned upright, with square pixels. */
  readonly storedWidth: number;
  readonly storedHeight: number;
  readonly orientation: Orientation;
  /** Whether a frame may hold the fields of two moments. */
  readonly interlaced: boolean;
  /** How brightness beyond a display's white is told; null where there is none. */
  readonly hdr: Hdr | null;
  readonly threads: number;
  readonly maxStreams: number;
}

/** What ffmpeg writes to this descriptor, by `metadata=print`: see FrameLog. */
const LOG_DESCRIPTOR = 3;

/**
 * The decoder passes over all else. The demuxer could (`-discard nokey`), and would read less of the file, but is no quicker
 * and gives H.264 with B-frames in MP4 wrong times, by as much as three frames.
 */
const KEY_FRAMES_ONLY = ['-skip_frame', 'nokey'];

/**
 * Threads are handed every packet in turn, also those that are passed over: with two of them it takes more time for the few
 * frames that are decoded, not less. Spans are read beside each other anyway.
 */
const KEY_FRAME_THREADS = 1;

/** Options before the input. */
export function decodeInputArguments(plan: DecodePlan): readonly string[] {
  const { seekSeconds, threads, maxStreams, choice } = plan;
  return [
    ...['-nostdin', '-hide_banner', '-nostats', '-v', 'repeat+warning', '-filter_threads', '1'],
    // By default a file with many damaged frames ends in an error after all frames that could be read.
    ...['-max_error_rate', '1'],
    ...confined(maxStreams),
    ...['-threads', String(choice.kind === 'key_frames' ? KEY_FRAME_THREADS : threads)],
    // Only chosen frames are turned, after scaling: turning each decoded one costs 7 % of a 720p decode.
    '-noautorotate',
    // A new picture size must not restart the filters, which count the targets.
    ...['-reinit_filter', '0'],
    // Frames between the key frame and the seek point are needed: one of them may be on screen at the first target.
    '-noaccurate_seek',
    // Else times would count from the seek point, rounded to the stream's time base: in AVI, half a frame off.
    '-copyts',
    ...(choice.kind === 'key_frames' ? KEY_FRAMES_ONLY : []),
    ...(seekSeconds === null ? [] : ['-seek_timestamp', '1', '-ss', seekSeconds.toFixed(6)]),
  ];
}

/** Options before the output: the chosen frames as raw RGB, in order: a quarter less than RGBA to convert, write and read. */
export function decodeOutputArguments(plan: DecodePlan): readonly string[] {
  const { choice } = plan;
  // Ends the run with the last target's frame; the filters alone would decode the rest of the file.
  const end = choice.kind === 'targets' ? ['-frames:v', `${choice.targetMicros.length}`] : [];
  const raw = ['-threads', '1', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'rgb24'];
  return [
    '-map',
    `0:${streamSpecifier(plan.streamIndex)}`,
    '-vf',
    filterGraph(plan),
    ...end,
    ...raw,
  ];
}

const LOG = `metadata=mode=print:key=stage:file=pipe\\\\:${LOG_DESCRIPTOR}:direct=1`;

/** Chooses frames before anything is converted. Their own times go out on a descriptor of their own. */
function filterGraph(plan: DecodePlan): string {
  const { choice, storedWidth, storedHeight, orientation, interlaced, hdr } = plan;
  // A new picture size within the stream comes out at the probed one. The flags make colours smooth and alike on any CPU.
  const scale = `scale=${storedWidth}:${storedHeight}:flags=bilinear+accurate_rnd+full_chroma_int+bitexact`;
  return [
    // Before frames are chosen, as it needs their neighbours; of one size, on which it relies. Each field is scaled by itself.
    ...(interlaced ? [`${scale}:interl=-1`, 'bwdif=mode=send_frame:deint=interlaced'] : []),
    'settb=1/1000000',
    'metadata=mode=add:key=stage:value=decoded',
    LOG,
    ...(choice.kind === 'targets' ? onScreenAt(choice) : firstOfEachPart(choice)),
    'metadata=mode=modify:key=stage:value=chosen',
    LOG,
    scale,
    ...(hdr === null ? [] : toneMapFilters(hdr)),
    // Drops alpha as it is, not blended with anything.
    'format=rgb24',
    ...orientationFilters(orientation),
  ].join(',');
}

/**
 * The frame on screen at each target. ffmpeg's `fps` filter does so for ticks of a clock, holding each frame back until it
 * has seen the next: so each frame's time is replaced by the number of targets that lie before it, and the ticks are the
 * targets.
 */
function onScreenAt({
  targetMicros,
  rateKnown,
}: FrameChoice & { readonly kind: 'targets' }): readonly string[] {
  const count = targetMicros.length;
  return [
    `setpts='${decisionTree(targetMicros)}'`,
    // The last frame stays for targets after it, whatever the file says of its duration: see `standsFor`.
    ...(rateKnown ? [`tpad=stop=${count}:stop_mode=clone`] : []),
    'fps=1000000:start_time=0',
    `trim=end_frame=${count}`,
  ];
}

/** The first frame of each part of a span. The run ends with the first frame after the span. */
function firstOfEachPart({
  fromMicros,
  toMicros,
  stepMicros,
}: FrameChoice & { readonly kind: 'key_frames' }): readonly string[] {
  const partOf = (pts: string) => `floor((${pts}-${fromMicros})/${stepMicros})`;
  const isFirst = `isnan(prev_selected_pts)+gt(${partOf('pts')},${partOf('prev_selected_pts')})`;
  return [`trim=end_pts=${toMicros}`, `select='gte(pts,${fromMicros})*(${isFirst})'`];
}

/** Filters that make a stored picture stand upright. */
export function orientationFilters({ rotationDegrees, mirrored }: Orientation): readonly string[] {
  switch (rotationDegrees) {
    case 0:
      return mirrored ? ['hflip'] : [];
    case 90:
      return [mirrored ? 'transpose=cclock_flip' : 'transpose=clock'];
    case 180:
      return mirrored ? ['vflip'] : ['hflip', 'vflip'];
    case 270:
      return [mirrored ? 'transpose=clock_flip' : 'transpose=cclock'];
  }
}
