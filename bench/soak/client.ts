import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { analyse, ask, submit, type Answer } from '../chaos/client.js';
import type { Medium } from '../chaos/media.js';
import type { Step } from './plan.js';
import { refusedRequest } from './refused-requests.js';

const LIMIT_MS = 300_000;
const LONGEST_PATIENCE_MS = 150;
const CANCEL_AFTER_MS = 1_500;
/** Said of an upload that breaks off, and sent of it. */
const SAID_BYTES = 4_000_000;
const SENT_BYTES = 300_000;

/** An answer that is not what the request is due. */
class Surprise extends Error {
  override readonly name = 'Surprise';
}

/** Finished analyses, by what was sent: what can be asked for again, read, verified and deleted. */
interface Finished {
  readonly id: string;
  readonly medium: Medium;
}

/** The clients: takes the steps, one call each, and holds every answer to what it should be. */
export class Clients {
  readonly #finished: Finished[] = [];
  readonly counts = new Map<string, number>();

  constructor(
    private readonly url: string,
    private readonly folder: string,
  ) {}

  /** @throws Surprise */
  async take(step: Step): Promise<void> {
    this.counts.set(step.kind, (this.counts.get(step.kind) ?? 0) + 1);
    const [medium] = step.media;
    switch (step.kind) {
      case 'picture':
      case 'picture-later':
      case 'clip':
      case 'long':
        if (medium !== undefined) await this.#analyse(medium, step.kind !== 'picture');
        return;
      case 'again': {
        const earlier = this.#pick(step.dice) ?? null;
        if (earlier !== null) await this.#analyse(earlier.medium, false);
        return;
      }
      case 'frames':
        return this.#frames(step);
      case 'waiter-leaves':
        return this.#leave(step);
      case 'cancelled':
        return this.#cancel(step);
      case 'damaged':
        return this.#damaged(step);
      case 'refused': {
        const { route, request } = refusedRequest(step.dice, this.folder);
        return this.#expect(step.kind, await ask(`${this.url}${route}`, request), 400, 499);
      }
      case 'upload-breaks-off':
        return breakOff(this.url, step.dice);
      case 'health':
        return this.#expect(step.kind, await ask(`${this.url}/health`, {}), 200);
      case 'list':
        return this.#expect(step.kind, await this.#ask('?limit=20'), 200);
      case 'report':
        return this.#report(step.dice);
      case 'read': {
        const found = this.#pick(step.dice);
        if (found) this.#expect(step.kind, await this.#ask(`/${found.id}`), 200);
        return;
      }
      case 'verify': {
        const found = this.#pick(step.dice);
        const body = JSON.stringify({ inference: step.dice < 0.5 });
        const request = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
        if (found) this.#expect(step.kind, await this.#ask(`/${found.id}/verify`, request), 200);
        return;
      }
      case 'remove': {
        const found = this.#pick(step.dice, true);
        if (found)
          this.#expect(step.kind, await this.#ask(`/${found.id}`, { method: 'DELETE' }), 200);
      }
    }
  }

  /** Resolves when no analysis is under way any more, whoever began it. @throws Surprise when some still are after a while */
  async untilIdle(limitMs: number): Promise<void> {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const open = await Promise.all(
        ['running', 'queued'].map((status) => this.#ask(`?status=${status}&limit=1`)),
      );
      const bodies = open.flatMap((each) => (each instanceof Error ? [] : [each.body]));
      const lists = bodies as { items?: unknown[] }[];
      if (lists.length === 2 && lists.every(({ items }) => items?.length === 0)) return;
      if (Date.now() > deadline) throw new Surprise(`analyses under way after ${limitMs / 1000} s`);
      await sleep(200);
    }
  }

  async #analyse(medium: Medium, isAsync: boolean): Promise<void> {
    const { result, failure } = await analyse(this.url, medium, isAsync, LIMIT_MS);
    if (result === null) throw new Surprise(`${medium.name}: ${failure ?? 'no result'}`);
    this.#finished.push({ id: result.id, medium });
  }

  async #frames({ media }: Step): Promise<void> {
    const body = JSON.stringify({
      hash: '0'.repeat(64),
      mediaType: media.length > 1 ? 'VIDEO' : 'IMAGE',
      metadata: {},
      extractedFrames: media.map(({ file }) => file),
      modelVersion: 'v2',
    });
    const headers = { 'content-type': 'application/json' };
    this.#expect('frames', await this.#ask('', { method: 'POST', headers, body }), 200);
  }

  async #leave({ media: [medium], dice }: Step): Promise<void> {
    if (medium === undefined) return;
    const form = new FormData();
    form.set('media', new Blob([await readFile(medium.file)]), medium.name);
    const signal = AbortSignal.timeout(Math.round(dice * LONGEST_PATIENCE_MS));
    await fetch(`${this.url}/api/v1/inference`, { method: 'POST', body: form, signal }).then(
      (response) => response.arrayBuffer(),
      () => null,
    );
  }

  async #cancel({ media: [medium], dice }: Step): Promise<void> {
    if (medium === undefined) return;
    const taken = await submit(this.url, await readFile(medium.file), medium.name, true);
    this.#expect('cancelled', taken, 200, 202);
    const id = taken instanceof Error ? null : taken.body.id;
    await sleep(dice * CANCEL_AFTER_MS);
    const answer = await this.#ask(`/${id ?? ''}/cancel`, { method: 'POST' });
    if (answer instanceof Error || answer.status !== 409) this.#expect('cancel', answer, 200, 202);
  }

  async #damaged({ media: [medium], dice }: Step): Promise<void> {
    if (medium === undefined) return;
    const bytes = await readFile(medium.file);
    const part = bytes.subarray(0, Math.round(bytes.length * (0.02 + dice * 0.5)));
    const answer = await submit(this.url, part, medium.name, false);
    // What is left of it may be a picture.
    if (answer instanceof Error || answer.status !== 422) this.#expect('damaged', answer, 200);
  }

  async #report(dice: number): Promise<void> {
    const found = this.#pick(dice);
    if (!found) return;
    const response = await fetch(`${this.url}/api/v1/inference/${found.id}/report`);
    const text = await response.text();
    if (response.status !== 200 || !text.includes('</html>'))
      throw new Surprise(`report: ${response.status} ${text.slice(0, 200)}`);
  }

  /** One of the finished ones. @param remove nobody else shall get it afterwards */
  #pick(dice: number, remove = false): Finished | undefined {
    const at = Math.floor(dice * this.#finished.length);
    const found = this.#finished[at];
    if (!remove || found === undefined) return found;
    const rest = this.#finished.filter(({ id }) => id !== found.id);
    this.#finished.splice(0, this.#finished.length, ...rest);
    return found;
  }

  #ask(rest: string, request: RequestInit = {}): Promise<Answer | Error> {
    return ask(`${this.url}/api/v1/inference${rest}`, request);
  }

  #expect(what: string, answer: Answer | Error, least: number, most = least): void {
    if (answer instanceof Error) throw new Surprise(`${what}: ${answer.message}`);
    const { status, body } = answer;
    if (status < least || status > most)
      throw new Surprise(`${what}: ${status} ${body.code ?? ''} ${body.detail ?? ''}`);
  }
}

/** Says that an upload comes, sends a part of it and is gone. */
async function breakOff(url: string, dice: number): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(
    `POST /api/v1/inference HTTP/1.1\r\nhost: ${hostname}\r\ncontent-length: ${SAID_BYTES}\r\n` +
      'content-type: multipart/form-data; boundary=b\r\n\r\n' +
      '--b\r\ncontent-disposition: form-data; name="media"; filename="m"\r\n\r\n',
  );
  socket.write(Buffer.alloc(Math.round(dice * SENT_BYTES), 1));
  await sleep(10 + dice * 60);
  socket.destroy();
}
