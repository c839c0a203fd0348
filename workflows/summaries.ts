import type { AnalysisSummary, ExtractedFaces, ProbedMedia } from './contracts/activities.js';
import type { ModelFacts } from './contracts/result.js';
import type { Segment } from './segment-plan.js';

/** `segment 7/120, 06:00-07:00, 60 samples`; a still has no times. At most 200 bytes, as the server demands. */
export function segmentSummary(segment: Segment, total: number): string {
  const samples = `${segment.samples} ${segment.samples === 1 ? 'sample' : 'samples'}`;
  if (segment.endSeconds === 0) return samples;
  const span = `${clock(segment.startSeconds)}-${clock(segment.endSeconds)}`;
  return `segment ${segment.index + 1}/${total}, ${span}, ${samples}`;
}

/** `segment 7/120, 06:00-07:00, 58 faces`, and how many samples have none and are scored whole. */
export function scoringSummary(span: string, { decoded, withoutFace }: ExtractedFaces): string {
  const faces = decoded - withoutFace;
  const whole = withoutFace === 0 ? '' : `, ${withoutFace} without a face`;
  return `${span}: score ${faces} ${faces === 1 ? 'face' : 'faces'}${whole}`;
}

/** The medium and the model in two lines of Markdown. */
export function detailsOf(probed: ProbedMedia, model: ModelFacts): string {
  const { mediaType, container, codec, width, height, durationSeconds, bytes } = probed;
  const format = [...new Set([container, codec])].filter((name) => name !== null).join(' ');
  const facts = [
    `${mediaType} ${format}`.trim(),
    `${width}×${height}`,
    ...(durationSeconds === null ? [] : [clock(durationSeconds)]),
    ...(bytes === null ? [] : [`${(bytes / 1e6).toFixed(2)} MB`]),
  ];
  const { id, revision, dtype, device, fingerprint } = model;
  return `${facts.join(', ')}\n\nmodel ${id} ${revision}, ${dtype} on ${device}, fingerprint ${fingerprint}`;
}

/** What a run that is told to end was at. */
export function waitingFor(steps: ReadonlySet<string>): string {
  return steps.size === 0 ? 'it waited for nothing' : `it waited for ${[...steps].join(' and ')}`;
}

/** What the UI shows of a finished run. */
export function finishedSummary({
  verdict,
  reasons,
  scores,
  framesScored,
}: AnalysisSummary): string {
  return `**${verdict}**, risk ${scores.risk_score} of 100 over ${framesScored} frames (${reasons.join(', ')})`;
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const pad = (value: number) => String(value).padStart(2, '0');
  const minutes = `${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${minutes}` : minutes;
}
