import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { code, explained, facts, type Fact } from './facts.js';
import { html, type Html } from './html.js';
import { bytes, clock, duration, percent } from './numbers.js';
import { KINDS, POLICIES } from './words.js';

/** More gaps or closer looks than this are only counted; all of them are in the result itself. */
const MOST_GAPS = 20;

/** The scores, and for each what it says. */
export function scoreFacts(result: AnalysisResult): Html {
  if (result.verdict === 'not_analysed') return html``;
  return html`<h2>Scores</h2>
    ${facts([
      ['Risk', explained(result.risk_score, 'of 100; the verdict follows from it')],
      ['90th percentile', explained(result.video_score, 'nine in ten samples score at most this')],
      ['Highest sample', String(result.peak_risk)],
      ['Mean of samples', String(result.mean_risk)],
      [
        'Consistency over time',
        explained(result.temporal_consistency, '100: all samples score alike'),
      ],
      [
        'Decidedness',
        explained(
          result.confidence,
          '50: undecided, 100: sure of every sample; not how often the model is right',
        ),
      ],
    ])}`;
}

/** How much of the media was looked at. */
export function coverageFacts({ coverage }: AnalysisResult): Html {
  const { duration_seconds: total, analysed_seconds: analysed } = coverage;
  const time: readonly Fact[] =
    total === null
      ? []
      : [
          [
            'Time analysed',
            `${duration(analysed ?? 0)} of ${duration(total)}` +
              (total > 0 ? ` (${percent(Math.min(1, (analysed ?? 0) / total))})` : ''),
          ],
          ['Not looked at', spansText(coverage.gaps, 'nothing was left out')],
          ...(coverage.closer_looks === undefined
            ? []
            : [['Looked at more closely', spansText(coverage.closer_looks, 'nothing')] as const]),
        ];
  return html`<h2>What was looked at</h2>
    ${facts([
      ...time,
      ['Samples', `${coverage.frames_sampled}: ${POLICIES[coverage.policy]}`],
      ['Decoded and scored', String(coverage.frames_decoded)],
      ['Could not be read', String(coverage.frames_unreadable)],
      ['Without a face', String(coverage.frames_without_face)],
    ])}`;
}

function spansText(spans: AnalysisResult['coverage']['gaps'], none: string): string {
  if (spans.length === 0) return none;
  const shown = spans.slice(0, MOST_GAPS).map(([from, to]) => `${clock(from)}–${clock(to)}`);
  const rest = spans.length - shown.length;
  return shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** What the media is. */
export function mediaFacts({ media, coverage }: AnalysisResult): Html {
  const isFrames = coverage.policy === 'frames';
  const turned = media.rotation_degrees === 0 ? '' : `, turned by ${media.rotation_degrees}°`;
  const format = [media.container, media.codec].filter((part) => part !== null).join(', ');
  const declared: readonly Fact[] =
    media.declared_hash === null
      ? []
      : [
          [
            'Declared hash',
            html`${code(media.declared_hash)}
              <span class="small"
                >${isFrames ? 'of the original media, not checked' : 'checked against the media'}</span
              >`,
          ],
        ];
  return html`<h2>Media</h2>
    ${facts([
      ['Kind', KINDS[media.media_type]],
      [isFrames ? 'SHA-256 of the list of frames' : 'SHA-256', code(media.sha256)],
      ...declared,
      ['Size', media.bytes === null ? 'not known' : bytes(media.bytes)],
      ['Container, codec', format === '' ? 'not known' : format],
      ['Picture', `${media.width}×${media.height} pixels${turned}`],
      ...(media.frame_rate === null
        ? []
        : [['Frame rate', `${Math.round(media.frame_rate * 1000) / 1000} a second`] as const]),
    ])}`;
}

/** What ran, closely enough to run it again. */
export function methodFacts({ model, pipeline, ...result }: AnalysisResult): Html {
  const side = model.input_size;
  return html`<h2>How it was done</h2>
    ${facts([
      ['Analysis', code(result.id)],
      ['Finished', html`<time datetime="${result.created_at}">${result.created_at}</time>`],
      ['Took', `${(result.inference_time / 1000).toFixed(2)} s`],
      ['Model', model.id],
      ['Model revision', code(model.revision)],
      ['SHA-256 of the weights', code(model.weights_sha256)],
      [
        'Ran as',
        `${model.architecture}, ${model.dtype} on ${model.device}, ${side}×${side} pixels`,
      ],
      ['Graph builder', model.graph_builder],
      ['Fingerprint', code(model.fingerprint)],
      ['Labels', `${model.labels.join(', ')}; "${model.fake_label}" counts as manipulated`],
      ['Version asked for', explained(result.model_version, 'echoed from the request')],
      ['Face detector', pipeline.face_detector === '' ? 'none ran' : pipeline.face_detector],
      ['Crop', `${pipeline.crop_margin} times the longer side of the face`],
      [
        'Thresholds',
        `likely manipulated from ${pipeline.fake_threshold}, no manipulation found up to ${pipeline.real_threshold}`,
      ],
      ['Pipeline revision', pipeline.revision],
    ])}`;
}
