/** Demuxers that may open a client's file. Playlists, concatenations and pictures by number are not among them. */
const DEMUXERS =
  'mov,matroska,avi,mpegts,mpeg,mpegvideo,flv,gif,apng,ogg,asf,h264,hevc,mp3,wav,aac,flac,amr,aiff';

const CONFINED = ['-protocol_whitelist', 'file', '-format_whitelist', DEMUXERS] as const;

/** ffprobe arguments: container and streams as JSON. */
export function probeArguments(file: string): readonly string[] {
  return ['-v', 'error', ...CONFINED, '-of', 'json', '-show_format', '-show_streams', '-i', file];
}

/** ffprobe arguments: the last packet times of the first video stream, to measure a length that no header tells. */
export function packetTimesArguments(file: string): readonly string[] {
  return [
    ...['-v', 'error', ...CONFINED, '-select_streams', 'V:0'],
    ...['-of', 'csv=p=0', '-show_entries', 'packet=pts_time,duration_time', '-i', file],
  ];
}

/** A span of a video and the grid of its samples: one in each of `samples` equal parts. */
export interface SampleGrid {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly samples: number;
}

/** Seconds from one sample to the next. */
const gridStep = ({ startSeconds, endSeconds, samples }: SampleGrid): number =>
  (endSeconds - startSeconds) / samples;

/** Input options: confined, from the span's start on and no further than its end. */
export function inputArguments(
  { startSeconds, endSeconds }: SampleGrid,
  threads: number,
): readonly string[] {
  return [
    ...['-nostdin', ...CONFINED, '-threads', String(threads)],
    ...['-ss', decimal(startSeconds), '-t', decimal(endSeconds - startSeconds)],
  ];
}

/**
 * Output options: of each part of the grid the frame nearest its middle, as raw RGBA of one size, each announced on
 * stderr by `showinfo` with its own time, counted from the span's start.
 *
 * The part a frame belongs to is that in which it lies with half a part taken off: the first frame at or after the
 * middle, or up to half a frame before it.
 */
export function outputArguments(
  grid: SampleGrid,
  size: { readonly width: number; readonly height: number },
  halfFrame: number,
): readonly string[] {
  const step = gridStep(grid);
  const part = (time: string) =>
    `floor((${time}-${decimal(step / 2 - halfFrame)})/${decimal(step)})`;
  const first = `isnan(prev_selected_t)`;
  const select = `gte(${part('t')},0)*if(${first},1,gt(${part('t')},${part('prev_selected_t')}))`;
  const filters = [
    `select='${select}'`,
    'showinfo=checksum=0',
    `scale=${size.width}:${size.height}:flags=bicubic+accurate_rnd+full_chroma_int`,
    'format=rgba',
  ];
  return [
    ...['-map', '0:V:0', '-an', '-sn', '-dn', '-vf', filters.join(',')],
    ...['-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'rgba'],
  ];
}

/** The part of the grid that a frame at `time` seconds from the span's start was selected for. */
export function partOf(time: number, grid: SampleGrid, halfFrame: number): number {
  const step = gridStep(grid);
  return Math.floor((time - (step / 2 - halfFrame)) / step);
}

/** The frame's time from a line of `showinfo`, or null for any other line. */
export function showinfoTime(line: string): number | null {
  const match = /^\[Parsed_showinfo[^\]]*\] n:\s*\d+ .*\bpts_time:\s*(-?[\d.]+)/.exec(line);
  return match?.[1] === undefined ? null : Number(match[1]);
}

/** Without an exponent, which filter expressions don't read. */
const decimal = (value: number): string => value.toFixed(6);
