import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { html, type Html } from './html.js';
import { clock, score } from './numbers.js';

/** A crop as the model saw it, and how it was scored. */
export interface ReportFace {
  readonly frame: number;
  readonly seconds: number | null;
  /** Fake probability, 0..1. */
  readonly p: number;
  readonly why: 'highest' | 'median' | 'lowest';
  readonly jpeg: Uint8Array;
}

const PLACES: Readonly<Record<ReportFace['why'], string>> = {
  highest: 'among the highest',
  median: 'in the middle',
  lowest: 'the lowest',
};

/** The pictures that tell most, in the very size the model took them. */
export function facesStrip(
  { timeline, model }: AnalysisResult,
  faces: readonly ReportFace[],
): Html {
  if (faces.length === 0) return html``;
  const wholePictures = new Set(
    timeline.filter(({ box }) => box === null).map(({ frame }) => frame),
  );
  const isOnly = timeline.length === 1;
  return html`<h2>What the model saw</h2>
    <p class="small">
      Exactly what the model was given, ${model.input_size}×${model.input_size} pixels each, with
      its score from 0 to 1.
    </p>
    <div class="faces">
      ${faces.map((face) => faceFigure(face, wholePictures.has(face.frame), isOnly))}
    </div>`;
}

function faceFigure(face: ReportFace, isWhole: boolean, isOnly: boolean): Html {
  const { frame, seconds, p, why, jpeg } = face;
  const when = seconds === null ? `frame ${frame}` : clock(seconds);
  const what = isWhole ? 'Whole picture, no face found' : 'Face';
  const source = `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`;
  return html`<figure>
    <img src="${source}" alt="${what}, ${when}, score ${score(p)}" />
    <figcaption>
      <strong>${score(p)}</strong> ${isOnly ? '' : `at ${when}`}
      ${isOnly ? '' : html`<br /><span class="small">${PLACES[why]}</span>`}
      ${isWhole ? html`<br /><span class="small">no face: whole picture</span>` : ''}
    </figcaption>
  </figure>`;
}
