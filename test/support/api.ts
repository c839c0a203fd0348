import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { startApi, type RunningApi } from '../../apps/api/start-api.js';
import type { AnalysisResource } from '../../apps/api/analyses/analysis-resource.js';
import type { ProblemBody } from '../../apps/api/problems/problem-body.js';
import { parseConfig } from '../../libs/platform/config/config.js';
import { createLogger } from '../../libs/platform/logger.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';

/** An answer with its body read. */
export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** The real API in this process, on a port of its own, spoken to over HTTP. */
export class TestApi {
  private constructor(private readonly api: RunningApi) {}

  static async start(environment: Readonly<Record<string, string>>): Promise<TestApi> {
    const config = parseConfig({ PORT: '0', LOG_LEVEL: 'fatal', ...environment });
    return new TestApi(await startApi(config, createLogger('api', config.logLevel)));
  }

  get port(): number {
    return this.api.port;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.api.port}${path}`;
  }

  async ask<T>(path: string, init?: RequestInit): Promise<Answer<T>> {
    const response = await fetch(this.url(path), init);
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : text) as T,
    };
  }

  /** Sends the seed's JSON form. */
  postJson<T = AnalysisResult>(
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<T>> {
    return this.ask('/api/v1/inference', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  /** Uploads bytes with fields before and after the file. */
  upload<T = AnalysisResult>(
    bytes: Uint8Array<ArrayBuffer>,
    { before = {}, after = {}, headers = {}, signal }: UploadOptions = {},
  ): Promise<Answer<T>> {
    const form = new FormData();
    for (const [name, value] of Object.entries(before)) form.append(name, value);
    form.append('media', new Blob([bytes]), 'media');
    for (const [name, value] of Object.entries(after)) form.append(name, value);
    return this.ask('/api/v1/inference', { method: 'POST', body: form, headers, signal });
  }

  async uploadFile<T = AnalysisResult>(file: string, options?: UploadOptions): Promise<Answer<T>> {
    return this.upload<T>(new Uint8Array(await readFile(file)), options);
  }

  analysis(id: string): Promise<Answer<AnalysisResource>> {
    return this.ask(path.posix.join('/api/v1/inference', id));
  }

  stop(): Promise<void> {
    return this.api.stop();
  }
}

export interface UploadOptions {
  readonly before?: Readonly<Record<string, string>>;
  readonly after?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export type ProblemAnswer = Answer<ProblemBody>;
