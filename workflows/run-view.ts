import {
  isCancellation,
  patched,
  setCurrentDetails,
  upsertMemo,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { ApplicationFailure, SearchAttributePair } from '@temporalio/common';
import type { Continuation } from './continuation.js';
import type { AnalysisSummary, DescribedModel, ProbedMedia } from './contracts/activities.js';
import type { AnalysisProgress } from './contracts/progress.js';
import type { MediaType } from './contracts/request.js';
import { searchAttributes } from './contracts/search-attributes.js';
import { etaSeconds } from './eta.js';
import { detailsOf, finishedSummary, waitingFor } from './summaries.js';

interface Steps {
  readonly segmentsExtracted?: number;
  readonly segmentsScored?: number;
  readonly framesScored?: number;
}

/**
 * What operators and the API see of a run: memo and search attributes, which are read without a worker, and the details that
 * Temporal's UI shows.
 */
export class RunView {
  #now: AnalysisProgress;
  #found: readonly SearchAttributePair[] = [];
  #subject = '';
  #analysingSince = 0;
  /** A picture is done before anyone could look, and each upsert costs the server a write. */
  #isWatched = false;
  readonly #underWay = new Set<string>();

  /** @param mediaType as far as it is known at the start */
  constructor(mediaType: MediaType | null) {
    this.#now = {
      stage: 'describing',
      segmentsTotal: null,
      segmentsExtracted: 0,
      segmentsScored: 0,
      framesScored: 0,
      mediaType,
      durationSeconds: null,
    };
  }

  /** Does a step of the recipe under its summary, which the UI shows at the activity. */
  async step<T>(
    summary: string,
    queue: string,
    run: (options: { readonly summary: string }) => Promise<T>,
  ): Promise<T> {
    const entry = `${summary} (queue ${queue})`;
    this.#underWay.add(entry);
    this.#show();
    try {
      const result = await run({ summary });
      this.#underWay.delete(entry);
      return result;
    } catch (error) {
      // What was broken off is what the run was at.
      if (!isCancellation(error)) this.#underWay.delete(entry);
      throw error;
    }
  }

  /** What the medium and the model are is known now, and how the work is cut. */
  planned(probed: ProbedMedia, described: DescribedModel, segments: number): void {
    this.#now = {
      ...this.#now,
      stage: 'analysing',
      segmentsTotal: segments,
      mediaType: probed.mediaType,
      durationSeconds: probed.durationSeconds,
    };
    this.#analysingSince = Date.now();
    this.#begin(probed, described);
  }

  /** Takes up where the run before this one left off. */
  continued({ described, probed, progress, analysingSince }: Continuation): void {
    this.#now = progress;
    this.#analysingSince = analysingSince;
    this.#begin(probed, described);
  }

  /** For the run that continues this one. */
  get progress(): Pick<Continuation, 'progress' | 'analysingSince'> {
    return { progress: this.#now, analysingSince: this.#analysingSince };
  }

  #begin(probed: ProbedMedia, { model }: DescribedModel): void {
    this.#subject = detailsOf(probed, model);
    this.#found = [
      { key: searchAttributes.mediaType, value: probed.mediaType },
      { key: searchAttributes.modelRevision, value: model.revision },
    ];
    this.#isWatched = probed.durationSeconds !== null || (this.#now.segmentsTotal ?? 0) > 1;
    if (!this.#isWatched) return;
    this.#mark('running');
    this.#publish();
  }

  /** More segments have turned out to be worth it. */
  more(segments: number): void {
    const total = (this.#now.segmentsTotal ?? 0) + segments;
    this.#now = { ...this.#now, stage: 'analysing', segmentsTotal: total };
  }

  add({ segmentsExtracted = 0, segmentsScored = 0, framesScored = 0 }: Steps): void {
    const scored = this.#now.segmentsScored + segmentsScored;
    const total = this.#now.segmentsTotal;
    this.#now = {
      ...this.#now,
      stage: scored === total ? 'aggregating' : this.#now.stage,
      segmentsExtracted: this.#now.segmentsExtracted + segmentsExtracted,
      segmentsScored: scored,
      framesScored: this.#now.framesScored + framesScored,
      etaSeconds: etaSeconds((Date.now() - this.#analysingSince) / 1000, scored, total),
    };
    if (this.#isWatched) this.#publish();
  }

  /** Where the run stands, for a message. */
  state(): string {
    const { segmentsScored, segmentsTotal } = this.#now;
    const done =
      segmentsTotal === null ? '' : `${segmentsScored} of ${segmentsTotal} segments are scored, `;
    return `${done}${waitingFor(this.#underWay)}`;
  }

  succeeded(summary: AnalysisSummary): void {
    const { verdict, reasons, scores } = summary;
    this.#now = { ...this.#now, stage: 'done', etaSeconds: null };
    this.#mark('succeeded', [
      { key: searchAttributes.verdict, value: verdict },
      { key: searchAttributes.riskScore, value: scores.risk_score },
    ]);
    const answer = { verdict, risk_score: scores.risk_score, reasons };
    upsertMemo({ progress: this.#now, answer });
    setCurrentDetails(`${finishedSummary(summary)}\n\n${this.#subject}`);
  }

  failed(failure: ApplicationFailure): void {
    const code = failure.type ?? 'internal_error';
    this.#mark('failed', [{ key: searchAttributes.failureCode, value: code }]);
    this.#ended(`**failed**, ${code}: ${failure.message}`, {
      failure: { code, message: failure.message },
    });
  }

  cancelled(): void {
    const state = this.state();
    this.#mark('cancelled');
    this.#ended(`**cancelled**: ${state}`, {});
  }

  #ended(text: string, memo: Readonly<Record<string, unknown>>): void {
    // Runs of the first release ended without a word in the memo.
    if (patched('end-in-memo'))
      upsertMemo({ progress: { ...this.#now, etaSeconds: null }, ...memo });
    setCurrentDetails([text, this.#subject].filter(Boolean).join('\n\n'));
  }

  #mark(status: string, more: readonly SearchAttributePair[] = []): void {
    upsertSearchAttributes([
      { key: searchAttributes.analysisStatus, value: status },
      ...this.#found,
      ...more,
    ]);
  }

  #publish(): void {
    upsertMemo({ progress: this.#now });
    this.#show();
  }

  #show(): void {
    const { stage, segmentsTotal, segmentsScored, segmentsExtracted, framesScored } = this.#now;
    const eta = this.#now.etaSeconds ?? null;
    const lines = [
      `**${stage}**`,
      ...(segmentsTotal === null
        ? []
        : [
            `${segmentsScored} of ${segmentsTotal} segments scored (${segmentsExtracted} extracted), ${framesScored} frames`,
          ]),
      ...(eta === null ? [] : [`about ${eta} s left`]),
    ];
    const steps = [...this.#underWay].map((step) => `- ${step}`);
    setCurrentDetails(
      [lines.join(', '), steps.join('\n'), this.#subject].filter(Boolean).join('\n\n'),
    );
  }
}
