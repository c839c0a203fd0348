import { openAsBlob } from 'node:fs';
import path from 'node:path';
import type { AnalysisResult } from '../../../workflows/contracts/result.js';

/** The part of the analysis resource that the demo reads. */
export interface Analysis {
  readonly id: string;
  readonly status: string;
  readonly progress: {
    readonly stage: string;
    readonly segments_total: number | null;
    readonly segments_extracted: number;
    readonly segments_scored: number;
    readonly frames_scored: number;
  } | null;
  readonly result?: AnalysisResult;
  readonly error?: { readonly code: string; readonly detail: string };
  readonly links: { readonly self: string; readonly report?: string; readonly temporal?: string };
}

/** Talks to the service as any other client does: over HTTP. */
export class ApiClient {
  /** @param key headers that show an API key, where one is needed */
  constructor(
    private readonly url: string,
    private readonly key: Readonly<Record<string, string>>,
  ) {}

  /** Uploads a file without waiting for its analysis. */
  async submit(file: string): Promise<Analysis> {
    const form = new FormData();
    form.set('media', await openAsBlob(file), path.basename(file));
    const request = {
      method: 'POST',
      body: form,
      headers: { prefer: 'respond-async', ...this.key },
    };
    const response = await fetch(`${this.url}/api/v1/inference`, request);
    const body = await jsonOf(response);
    // A stored answer comes as the result itself.
    return response.status === 200 ? this.read((body as AnalysisResult).id) : (body as Analysis);
  }

  async read(id: string): Promise<Analysis> {
    return (await jsonOf(await this.#get(id))) as Analysis;
  }

  async report(id: string): Promise<string> {
    const response = await this.#get(`${id}/report`);
    if (!response.ok) throw new Error(`expected a report, got HTTP ${response.status}`);
    return response.text();
  }

  #get(path: string): Promise<Response> {
    return fetch(`${this.url}/api/v1/inference/${path}`, { headers: this.key });
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  const body = (await response.json()) as { readonly detail?: string };
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${body.detail ?? 'no reason given'}`);
  return body;
}
