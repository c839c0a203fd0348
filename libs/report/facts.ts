import { html, type Html } from './html.js';

/** A name and what is to be said about it. */
export type Fact = readonly [name: string, value: string | Html];

/** Names and values, one below the other. */
export function facts(rows: readonly Fact[]): Html {
  return html`<dl>
    ${rows.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

/** A value and, in small, what it says. */
export const explained = (value: string | number, meaning: string): Html =>
  html`${value} <span class="small">(${meaning})</span>`;

/** Something to compare sign by sign. */
export const code = (text: string): Html => html`<code>${text}</code>`;
