import type { IncomingMessage } from 'node:http';
import type { BlobStore } from '../../../../libs/blobs/blob-store.js';
import type { Config } from '../../../../libs/platform/config/config.js';
import { mediaKey } from '../../../../workflows/contracts/blob-keys.js';
import type { FileInput } from '../../../../workflows/contracts/request.js';
import { Problem } from '../../problems/problem.js';
import { storeMedium } from '../store-medium.js';
import { checkUploadHash } from '../upload-hash.js';
import { FetchPolicy } from './fetch-policy.js';
import { httpGet } from './http-get.js';
import { pacedBody } from './paced-body.js';
import { resolveHost, systemResolver, type Resolver } from './resolve-host.js';
import { redirectOf, refuseOtherAnswers, tooManyRedirects } from './served-file.js';
import { unreachable } from './unreachable.js';
import { hostOf, parseMediaUrl } from './url-form.js';

/** How the network is asked, for tests that answer in its place. */
export interface Network {
  readonly resolver?: Resolver;
  /** Certificates to trust in place of the system's, in PEM. */
  readonly ca?: string;
}

/** Fetches media that clients name by URL, from hosts that may be asked, into the blob store while hashing them. */
export class MediaDownload {
  readonly #settings: Config['mediaUrl'];
  readonly #maxBytes: number;
  readonly #policy: FetchPolicy;

  constructor(
    config: Pick<Config, 'mediaUrl' | 'http'>,
    private readonly blobs: BlobStore,
    private readonly network: Network = {},
  ) {
    this.#settings = config.mediaUrl;
    this.#maxBytes = config.http.maxUploadBytes;
    this.#policy = new FetchPolicy(config.mediaUrl);
  }

  /**
   * Reads the URL without asking anyone.
   * @throws Problem `not_supported`, `media_url_invalid` or `media_url_refused`
   */
  parse(text: string): URL {
    if (this.#settings.from !== 'off') return parseMediaUrl(text, this.#settings.ports);
    throw new Problem(
      'not_supported',
      'Expected a request without mediaUrl: MEDIA_URL is off here. Upload the media as multipart/form-data.',
      { members: { fields: ['mediaUrl'] } },
    );
  }

  /**
   * @param declaredHash of the bytes, with or without `sha256:`; null = not given. Nothing is kept of other bytes.
   * @param signal ends the download; its reason is thrown
   * @throws Problem `media_url_refused`, `media_url_unreachable`, `media_url_not_served`, `media_too_large`, `media_empty`
   *   or `hash_mismatch`
   */
  async store(url: URL, declaredHash: string | null, signal: AbortSignal): Promise<FileInput> {
    const { totalSeconds } = this.#settings;
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort(
        unreachable('timeout', `to send the whole file within ${totalSeconds} s, got a part of it`),
      );
    }, totalSeconds * 1000);
    const either = AbortSignal.any([signal, late.signal]);
    let answer: IncomingMessage | null = null;
    try {
      answer = await this.#follow(url, either);
      const body = pacedBody(answer, this.#settings, this.#maxBytes, either);
      return await storeMedium(this.blobs, body, (sha256) => {
        checkUploadHash(declaredHash ?? undefined, sha256);
        return mediaKey(sha256);
      });
    } finally {
      clearTimeout(timer);
      // Where the store has failed before it asked for the first byte.
      answer?.destroy();
    }
  }

  /** The answer with the file, after all redirects, each of which is checked as the URL itself is. */
  async #follow(first: URL, signal: AbortSignal): Promise<IncomingMessage> {
    let url = first;
    for (let hops = 0; hops <= this.#settings.maxRedirects; hops += 1) {
      const answer = await this.#ask(url, signal);
      try {
        const target = redirectOf(answer);
        if (target === null) {
          refuseOtherAnswers(answer, this.#maxBytes);
          return answer;
        }
        url = this.#redirected(url, target);
      } catch (error) {
        answer.destroy();
        throw error;
      }
      answer.destroy();
    }
    throw tooManyRedirects(this.#settings.maxRedirects);
  }

  async #ask(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    const host = hostOf(url);
    const addresses = await resolveHost(
      this.network.resolver ?? systemResolver,
      host,
      this.#settings.connectSeconds,
    );
    signal.throwIfAborted();
    if (
      !this.#policy.permits(
        host,
        addresses.map(({ address }) => address),
      )
    )
      throw refused();
    return httpGet(url, addresses, this.#settings, signal, this.network.ca);
  }

  /** Whatever is wrong with where a redirect leads is one and the same refusal. */
  #redirected(from: URL, target: string): URL {
    try {
      const isWhole = /^[a-z][a-z0-9+.-]*:|^\/\//i.test(target);
      const text = isWhole && !target.startsWith('//') ? target : new URL(target, from).href;
      return parseMediaUrl(text, this.#settings.ports);
    } catch {
      throw refused();
    }
  }
}

/** The same words for every host, found or not, so that no answer tells of what is inside. */
function refused(): Problem {
  return new Problem(
    'media_url_refused',
    'Expected mediaUrl, and all it redirects to, on hosts that have addresses on the public internet only and are not ' +
      'excluded here; got another host.',
  );
}
