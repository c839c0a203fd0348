import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { html, type Html } from './html.js';

/** What may be concluded from the scores and what may not. */
export function readingGuide({ verdict, model, timeline }: AnalysisResult): Html {
  if (verdict === 'not_analysed') return html``;
  const isSeries = timeline.length > 1;
  return html`<h2>How to read this</h2>
    <ul>
      <li>
        A score says how much a face looks, to this one model, like the manipulated faces it was
        trained on. A score of 0.90 does not mean that the media is fake with a probability of 90 %.
      </li>
      <li>
        A low score is no proof of authenticity: kinds of manipulation that the model has not
        learned can pass unseen. A high score is no proof of forgery: strong compression, filters,
        make-up or a poor picture can cause it.
      </li>
      <li>${whatWasJudged(timeline)} The sound, the context and other faces were not judged.</li>
      <li>
        Use it together with other evidence: the source, the original file, other recordings of the
        same event. Cite it with the model${isSeries ? ', the times' : ''} and the SHA-256 given
        below: ${model.id} may judge otherwise in another revision.
      </li>
    </ul>`;
}

function whatWasJudged(timeline: AnalysisResult['timeline']): string {
  const of = timeline.length > 1 ? 'of each sample' : 'of the picture';
  const whole = timeline.filter(({ box }) => box === null).length;
  if (whole === 0) return `Only the largest face ${of} was judged.`;
  if (whole < timeline.length)
    return `Only the largest face ${of} was judged, or the whole picture where no face was found.`;
  return 'No face was found: whole pictures were judged, which says little.';
}
