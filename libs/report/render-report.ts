import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { coverageFacts, mediaFacts, methodFacts, scoreFacts } from './fact-sections.js';
import { facesStrip, type ReportFace } from './faces-strip.js';
import { html, type Html } from './html.js';
import { readingGuide } from './reading-guide.js';
import { samplesTable } from './samples-table.js';
import { style } from './style.js';
import { timelineCaption, timelinePlot } from './timeline-plot.js';
import { demoWarning, verdictSection } from './verdict-section.js';
import { VERDICTS } from './words.js';

export type { ReportFace } from './faces-strip.js';

export interface ReportInput {
  readonly result: AnalysisResult;
  readonly faces: readonly ReportFace[];
}

/** No script, no connection, no base address, no form: a saved report can do nothing but be read. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** A finished analysis as one HTML file that needs nothing from anywhere; the same input gives the same bytes. */
export function renderReport({ result, faces }: ReportInput): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${VERDICTS[result.verdict].title} · deepfake analysis ${result.id}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <main class="${result.verdict}">
          <h1>Deepfake analysis</h1>
          ${demoWarning(result)} ${verdictSection(result)} ${timelineSection(result)}
          ${facesStrip(result, faces)} ${readingGuide(result)} ${coverageFacts(result)}
          ${scoreFacts(result)} ${mediaFacts(result)} ${methodFacts(result)}
        </main>
      </body>
    </html> `.text;
}

/** One sample needs no plot: its score is the risk score. */
function timelineSection(result: AnalysisResult): Html {
  if (result.timeline.length < 2) return html``;
  const heading = result.coverage.duration_seconds === null ? 'Frame by frame' : 'Over time';
  return html`<h2>${heading}</h2>
    ${timelinePlot(result)} ${timelineCaption(result)} ${samplesTable(result)}`;
}
