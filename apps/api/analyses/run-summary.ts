import { ANALYZE_MEDIA } from '../../../workflows/contracts/progress.js';
import type { MediaInput } from '../../../workflows/contracts/request.js';
import { analysisPath } from './analysis-resource.js';
import type { RunInput } from './run-start.js';

/** What the UI lists a run as: `video/mp4 · 12.4 MB · 3f2a91c0`. At most 200 bytes, as the server demands. */
export function summaryOf(input: MediaInput): string {
  const hash = input.sha256.slice(0, 8);
  if (input.kind === 'frames')
    return `${input.frames.length} of ${input.total} client frames · ${hash}`;
  const { contentType } = input;
  // Of a run that an earlier release has started, and that is retried, nobody looked.
  const format = contentType === undefined ? [] : [contentType ?? 'unknown format'];
  return [...format, size(input.bytes), hash].join(' · ');
}

/** What the UI says of a run beside its summary, in Markdown: who asked for what, and where its answer will be. */
export function detailsOf({ type, request }: RunInput, retryOf: string | null): string {
  const { analysisId, tenant } = request;
  const facts = [
    `analysis \`${analysisId}\` of tenant \`${tenant}\``,
    ...(type === ANALYZE_MEDIA
      ? [
          `model fingerprint \`${request.modelFingerprint}\`, queue \`${request.queues.inference}\``,
          `pipeline revision \`${request.pipeline}\``,
        ]
      : []),
    ...(retryOf === null ? [] : [`made from \`${retryOf}\``]),
    `answer at \`${analysisPath(analysisId)}\``,
  ];
  return facts.map((fact) => `- ${fact}`).join('\n');
}

function size(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
