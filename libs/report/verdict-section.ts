import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { html, type Html } from './html.js';
import { FLAGS, reasonText, VERDICTS } from './words.js';

/** Where a demo ran, nothing may be read before that has been. */
export function demoWarning({ flags }: AnalysisResult): Html {
  if (!flags.includes('demo_model')) return html``;
  return html`<aside class="demo" aria-label="Demo model">
    <p><strong>Demo model: not a real verdict.</strong></p>
    <p>${FLAGS.demo_model}</p>
  </aside>`;
}

/** The verdict, why, the risk score and what else to know about this run. */
export function verdictSection(result: AnalysisResult): Html {
  const { title, meaning } = VERDICTS[result.verdict];
  return html`<section class="verdict">
      <div>
        <h2 class="title">${title}</h2>
        <p>${meaning}</p>
        <ul>
          ${result.reasons.map((reason) => html`<li>${reasonText(reason, result)}</li>`)}
        </ul>
        ${judge(result)}
      </div>
      ${riskGauge(result)}
    </section>
    ${flagNotes(result)}`;
}

function judge({ verdict, model, created_at: at }: AnalysisResult): Html {
  if (verdict === 'not_analysed') return html``;
  return html`<p class="small">
    Judged by the model ${model.id} on <time datetime="${at}">${at}</time>.
  </p>`;
}

/** Without anything looked at there is no score: a 0 would read as "real". */
function riskGauge({ verdict, risk_score: risk, pipeline }: AnalysisResult): Html {
  if (verdict === 'not_analysed') return html``;
  const { real_threshold: real, fake_threshold: fake } = pipeline;
  return html`<div class="risk">
    <p><span class="small">Risk score</span> <b>${risk}</b> <span class="small">of 100</span></p>
    <div
      class="gauge"
      style="--r:${real}%;--f:${fake}%"
      role="img"
      aria-label="Risk score ${risk} of 100. No manipulation found up to ${real}, likely manipulated from ${fake}."
    >
      <div class="bar"><i style="left:${Math.min(100, Math.max(0, risk))}%"></i></div>
      <span style="left:var(--r)">${real}</span><span style="left:var(--f)">${fake}</span>
    </div>
    <p class="small">A score of this model, not the probability that the media is fake.</p>
  </div>`;
}

function flagNotes({ flags }: AnalysisResult): Html {
  const others = flags.filter((flag) => flag !== 'demo_model');
  if (others.length === 0) return html``;
  return html`<div class="note">${others.map((flag) => html`<p>${FLAGS[flag]}</p>`)}</div>`;
}
