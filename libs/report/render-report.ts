import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { html, type Html } from './html.js';
import { bytes, clock, percent } from './numbers.js';
import { style } from './style.js';
import { timelinePlot } from './timeline-plot.js';
import { FLAGS, reasonText, VERDICTS } from './words.js';

/** A crop as the model saw it, and how it was scored. */
export interface ReportFace {
  readonly frame: number;
  readonly seconds: number | null;
  readonly p: number;
  readonly why: 'highest' | 'median' | 'lowest';
  readonly jpeg: Uint8Array;
}

export interface ReportInput {
  readonly result: AnalysisResult;
  readonly faces: readonly ReportFace[];
}

/** A finished analysis as one HTML file that needs nothing from anywhere; the same input gives the same bytes. */
export function renderReport({ result, faces }: ReportInput): string {
  const { title } = VERDICTS[result.verdict];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <title>${title} · deepfake analysis ${result.id}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <main class="${result.verdict}">
          <h1>Deepfake analysis</h1>
          ${verdictSection(result)} ${flagNotes(result)}
          ${
            result.timeline.length > 1
              ? html`<h2>Over time</h2>
                  ${timelinePlot(result)}
                  <p class="small">
                    Each point is one sample: how probable the model finds it that the face is
                    manipulated. Hollow points: no face, whole picture scored.
                  </p>`
              : html``
          }
          ${
            faces.length === 0
              ? html``
              : html`<h2>What the model saw</h2>
                  <div class="faces">${faces.map(faceFigure)}</div>`
          }
          ${factSections(result)}
        </main>
      </body>
    </html> `.text;
}

function verdictSection(result: AnalysisResult): Html {
  const { title, meaning } = VERDICTS[result.verdict];
  const { risk_score: risk, pipeline } = result;
  return html`<section class="verdict">
    <div>
      <p class="title">${title}</p>
      <p>${meaning}</p>
      <ul>
        ${result.reasons.map((reason) => html`<li>${reasonText(reason, result)}</li>`)}
      </ul>
    </div>
    <div class="risk">
      <p><b>${risk}</b> <span class="small">of 100 risk</span></p>
      <div class="bar" style="--r:${pipeline.real_threshold}%;--f:${pipeline.fake_threshold}%">
        <i style="left:${risk}%"></i>
      </div>
      <p class="small">A score of this model, not the probability that the media is fake.</p>
    </div>
  </section>`;
}

function flagNotes({ flags }: AnalysisResult): Html {
  if (flags.length === 0) return html``;
  return html`<div class="note">${flags.map((flag) => html`<p>${FLAGS[flag]}</p>`)}</div>`;
}

function faceFigure({ frame, seconds, p, why, jpeg }: ReportFace): Html {
  const when = seconds === null ? `frame ${frame}` : clock(seconds);
  const source = `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`;
  return html`<figure>
    <img src="${source}" alt="Crop at ${when}" />
    <figcaption>
      <strong>${percent(p)}</strong> at ${when}<br /><small>${why} score</small>
    </figcaption>
  </figure>`;
}

function factSections(result: AnalysisResult): Html {
  const { media, model, coverage, pipeline } = result;
  const isVideo = coverage.duration_seconds !== null;
  return html` <h2>Scores</h2>
    ${facts([
      ['Risk', `${result.risk_score} of 100`],
      ['90th percentile', String(result.video_score)],
      ['Highest sample', String(result.peak_risk)],
      ['Mean of samples', String(result.mean_risk)],
      ['Consistency over time', String(result.temporal_consistency)],
      ['Confidence of the model', String(result.confidence)],
    ])}
    <h2>What was looked at</h2>
    ${facts([
      [
        'Time analysed',
        isVideo
          ? `${coverage.analysed_seconds ?? 0} of ${coverage.duration_seconds ?? 0} s`
          : 'no duration',
      ],
      ['Samples', `${coverage.frames_sampled} (${samplingText(result)})`],
      ['Decoded', String(coverage.frames_decoded)],
      ['Could not be read', String(coverage.frames_unreadable)],
      ['Without a face', String(coverage.frames_without_face)],
      [
        'Gaps',
        coverage.gaps.length === 0
          ? 'none'
          : coverage.gaps.map(([from, to]) => `${clock(from)}–${clock(to)}`).join(', '),
      ],
    ])}
    <h2>Media</h2>
    ${facts([
      ['Kind', media.media_type],
      ['SHA-256', media.sha256],
      ['Declared hash', media.declared_hash ?? 'none'],
      ['Size', media.bytes === null ? 'not known' : bytes(media.bytes)],
      [
        'Container, codec',
        [media.container, media.codec].filter((part) => part !== null).join(', '),
      ],
      ['Picture', `${media.width}×${media.height}, turned by ${media.rotation_degrees}°`],
      ['Frame rate', media.frame_rate === null ? 'none' : media.frame_rate.toFixed(3)],
    ])}
    <h2>How it was done</h2>
    ${facts([
      ['Analysis', result.id],
      ['Made', result.created_at],
      ['Took', `${(result.inference_time / 1000).toFixed(2)} s`],
      ['Model', model.id],
      ['Revision', model.revision],
      ['Weights SHA-256', model.weights_sha256],
      [
        'Ran as',
        `${model.architecture}, ${model.dtype} on ${model.device}, ${model.input_size}×${model.input_size}`,
      ],
      ['Fingerprint', model.fingerprint],
      ['Labels', `${model.labels.join(', ')}; fake is "${model.fake_label}"`],
      ['Face detector', pipeline.face_detector],
      ['Pipeline revision', pipeline.revision],
    ])}`;
}

function samplingText({ coverage }: AnalysisResult): string {
  const policies = {
    still: 'one still',
    frames: 'frames given by the client',
    even: 'spread evenly',
    fps: 'one per second',
  };
  return policies[coverage.policy];
}

function facts(rows: readonly (readonly [string, string])[]): Html {
  return html`<dl>
    ${rows.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}
