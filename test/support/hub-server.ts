import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Ways in which the storage behind the hub may misbehave, each for its next `times` downloads. */
export type Trouble =
  | { readonly kind: 'cut'; readonly afterBytes: number; times: number }
  /** Sends so much, then nothing until {@link HubServer.release}. */
  | { readonly kind: 'stall'; readonly afterBytes: number; times: number }
  | { readonly kind: 'corrupt'; times: number }
  /** Sends the whole, whatever part was asked for. */
  | { readonly kind: 'whole'; times: number }
  | { readonly kind: 'overloaded'; times: number };

export interface ServedRequest {
  readonly method: string;
  /** `hub` or `storage`. */
  readonly host: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly authorization: string | undefined;
}

/** What the hub answers with instead, to the next `times` questions to it. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  times: number;
}

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';
export const MODEL_ID = 'someone/detector';

/**
 * A server that speaks as much of the Hugging Face hub's protocol as a download needs: model info, paths-info, resolve
 * with a redirect to storage of another origin for large files, Range requests, tokens and error statuses.
 */
export class HubServer {
  readonly requests: ServedRequest[] = [];
  readonly troubles: Trouble[] = [];
  /** When set, only this token opens the model. */
  requiredToken: string | null = null;
  /** When set, the hub answers every question with 503. */
  isDown = false;
  /** What branches mean; all commits have the same files. */
  readonly branches = new Map([['main', COMMIT]]);
  /** What the hub answers first, before anything else. */
  readonly answers: Answer[] = [];
  readonly #stalled: (() => void)[] = [];
  readonly #hub: Server;
  readonly #storage: Server;

  private constructor(private readonly files: ReadonlyMap<string, Buffer>) {
    this.#hub = createServer((request, response) => this.#answer('hub', request, response));
    this.#storage = createServer((request, response) => this.#answer('storage', request, response));
  }

  static async start(files: ReadonlyMap<string, Buffer>): Promise<HubServer> {
    const server = new HubServer(files);
    for (const part of [server.#hub, server.#storage]) {
      await new Promise<void>((resolve) => part.listen(0, '127.0.0.1', resolve));
    }
    return server;
  }

  get endpoint(): string {
    return originOf(this.#hub);
  }

  /** Lets what is stalled go on. */
  release(): void {
    for (const resume of this.#stalled.splice(0)) resume();
  }

  get stalledDownloads(): number {
    return this.#stalled.length;
  }

  async stop(): Promise<void> {
    for (const part of [this.#hub, this.#storage]) {
      part.closeAllConnections();
      await new Promise((resolve) => part.close(resolve));
    }
  }

  #answer(host: 'hub' | 'storage', request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://any');
    const { range, authorization } = request.headers;
    const ifRange = request.headers['if-range']?.toString();
    this.requests.push({
      method: request.method ?? '',
      host,
      path: url.pathname,
      range,
      ifRange,
      authorization,
    });
    if (host === 'storage') return this.#store(url, request, response);
    const answer = this.answers.find(({ times }) => times > 0);
    if (answer !== undefined) {
      answer.times -= 1;
      return sendJson(response, answer.status, {}, answer.headers);
    }
    if (this.isDown) return sendJson(response, 503, { error: 'Service unavailable' });
    if (this.requiredToken !== null && authorization !== `Bearer ${this.requiredToken}`) {
      const status = authorization === undefined ? 401 : 403;
      return sendJson(response, status, { error: 'Access to this model is restricted' });
    }
    const [, asked = '', of = ''] =
      /^\/api\/models\/someone\/detector\/(revision|paths-info)\/(.+)$/.exec(url.pathname) ?? [];
    const commits = [...this.branches.values()];
    const commit = this.branches.get(of) ?? commits.find((known) => known === of);
    if (asked === 'revision' && commit !== undefined)
      return sendJson(response, 200, modelInfo(url, commit));
    if (asked === 'paths-info' && commit !== undefined) return this.#pathsInfo(request, response);
    const [, revision = '', name = ''] =
      /^\/someone\/detector\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
    const resolved = this.branches.get(revision) ?? commits.find((known) => known === revision);
    const content = this.files.get(name);
    if (resolved === undefined || content === undefined) {
      return sendJson(response, 404, { error: 'Repository not found' });
    }
    response.setHeader('x-repo-commit', resolved);
    if (isSmall(content)) return send(response, request, content);
    response.writeHead(302, {
      location: `${originOf(this.#storage)}/${sha256(content)}?signature=x`,
      'x-linked-etag': `"${sha256(content)}"`,
      'x-linked-size': String(content.length),
    });
    response.end();
  }

  #pathsInfo(request: IncomingMessage, response: ServerResponse): void {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { paths } = JSON.parse(body) as { paths: string[] };
      const found = paths.flatMap((path) => {
        const content = this.files.get(path);
        if (content === undefined) return [];
        const entry = { type: 'file', path, size: content.length, oid: gitHash(content) };
        const lfs = { oid: sha256(content), size: content.length, pointerSize: 134 };
        return [isSmall(content) ? entry : { ...entry, lfs }];
      });
      sendJson(response, 200, found);
    });
  }

  #store(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const content = [...this.files.values()].find((file) => `/${sha256(file)}` === url.pathname);
    if (content === undefined) return sendJson(response, 404, {});
    const trouble = this.troubles.find(({ times }) => times > 0);
    if (trouble === undefined) return send(response, request, content);
    trouble.times -= 1;
    if (trouble.kind === 'overloaded') return sendJson(response, 503, {});
    if (trouble.kind === 'corrupt') return send(response, request, Buffer.alloc(content.length, 1));
    if (trouble.kind === 'whole') return void response.writeHead(200).end(content);
    const { part, headers, status } = partOf(request, content);
    response.writeHead(status, headers);
    if (trouble.kind === 'stall') {
      response.write(part.subarray(0, trouble.afterBytes), () =>
        this.#stalled.push(() => response.end(part.subarray(trouble.afterBytes))),
      );
      return;
    }
    // Ends the connection although more was promised, once the first bytes are on their way.
    response.write(part.subarray(0, trouble.afterBytes), () =>
      setImmediate(() => response.destroy()),
    );
  }
}

function modelInfo(url: URL, commit: string): object {
  const info = {
    _id: '1',
    id: MODEL_ID,
    private: false,
    gated: false,
    likes: 0,
    downloads: 0,
    lastModified: '2026-01-01T00:00:00.000Z',
  };
  return url.searchParams.getAll('expand').includes('sha') ? { ...info, sha: commit } : info;
}

/** The hub keeps small text files in git and large ones in storage. */
const isSmall = (content: Buffer) => content.length < 4096;

const originOf = (server: Server) =>
  `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;

export const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

export const gitHash = (content: Buffer) =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');

function partOf(request: IncomingMessage, content: Buffer) {
  // Storage has hashes of its own, which are none of the hub's.
  const etag = `"${gitHash(content)}"`;
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (match === null || (request.headers['if-range'] ?? etag) !== etag) {
    return { part: content, status: 200, headers: { 'content-length': content.length, etag } };
  }
  const last = content.length - 1;
  const [from, to] = [Number(match[1]), match[2] === '' ? last : Math.min(Number(match[2]), last)];
  const part = content.subarray(from, to + 1);
  const range = `bytes ${from}-${to}/${content.length}`;
  return {
    part,
    status: 206,
    headers: { 'content-length': part.length, 'content-range': range, etag },
  };
}

function send(response: ServerResponse, request: IncomingMessage, content: Buffer): void {
  const { part, status, headers } = partOf(request, content);
  response.writeHead(status, headers).end(part);
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response
    .writeHead(status, { ...headers, 'content-type': 'application/json' })
    .end(JSON.stringify(body));
}
