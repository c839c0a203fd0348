import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { html, type Html } from './html.js';
import { clock, score } from './numbers.js';

/** A longer table is no help to a reader; all samples are in the result itself. */
const MOST_ROWS = 400;

/** The plot's points as numbers, for who can't see or point at them. */
export function samplesTable({ timeline }: AnalysisResult): Html {
  if (timeline.length > MOST_ROWS) return html``;
  return html`<details>
    <summary>All ${timeline.length} samples as a table</summary>
    <table>
      <thead>
        <tr>
          <th scope="col">Frame</th>
          <th scope="col">Time</th>
          <th scope="col">Score</th>
          <th scope="col">Scored</th>
        </tr>
      </thead>
      <tbody>
        ${timeline.map(
          ({ frame, t, p, box }) =>
            html`<tr>
              <td>${frame}</td>
              <td>${t === null ? 'not known' : clock(t)}</td>
              <td>${score(p)}</td>
              <td>${box === null ? 'whole picture' : `face at ${box.join(', ')}`}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}
