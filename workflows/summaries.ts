import type { AnalysisSummary } from './contracts/activities.js';
import type { Segment } from './segment-plan.js';

/** `segment 7/120, 06:00-07:00, 60 samples`; a still has no times. At most 200 bytes, as the server demands. */
export function segmentSummary(segment: Segment, total: number): string {
  const samples = `${segment.samples} ${segment.samples === 1 ? 'sample' : 'samples'}`;
  if (segment.endSeconds === 0) return samples;
  const span = `${clock(segment.startSeconds)}-${clock(segment.endSeconds)}`;
  return `segment ${segment.index + 1}/${total}, ${span}, ${samples}`;
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
