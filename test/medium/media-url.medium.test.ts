import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MediaDownload, type Network } from '../../apps/api/intake/media-url/media-download.js';
import { Problem } from '../../apps/api/problems/problem.js';
import { FolderStore } from '../../libs/blobs/folder-store.js';
import { parseConfig } from '../../libs/platform/config/config.js';
import { startFileServer, startRawServer, type FileServer } from '../support/file-server.js';
import { until } from '../support/until.js';

const tlsFile = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url)), 'utf8');
const TLS = { cert: tlsFile('certificate.pem'), key: tlsFile('key.pem') };
const FILE = Buffer.from('the bytes of a medium');
const SHA256 = createHash('sha256').update(FILE).digest('hex');
const LOOPBACK = [{ address: '127.0.0.1', family: 4 }];

describe('fetching media by URL', () => {
  let folder: string;
  let store: FolderStore;
  let servers: FileServer[];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'media-url-'));
    store = await FolderStore.open(folder);
    servers = [];
  });
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(folder, { recursive: true });
  });

  const serve = async (
    answer: (request: IncomingMessage, response: ServerResponse) => void,
    tls?: typeof TLS,
  ) => {
    const server = await startFileServer(answer, tls);
    servers.push(server);
    return server;
  };
  const serveFile = () => serve((_request, response) => response.end(FILE));
  const raw = async (answer: Parameters<typeof startRawServer>[0]) => {
    const server = await startRawServer(answer);
    servers.push(server);
    return server;
  };

  interface Wanted {
    readonly environment?: Readonly<Record<string, string>>;
    readonly network?: Network;
    readonly hash?: string;
    readonly signal?: AbortSignal;
  }
  const fetchUrl = (url: string, { environment, network, hash, signal }: Wanted = {}) => {
    const config = parseConfig({
      MEDIA_URL_ALLOW: '127.0.0.1/32',
      MEDIA_URL_PORTS: servers.map(({ port }) => port).join(','),
      ...environment,
    });
    const downloads = new MediaDownload(config, store, network);
    return downloads.store(
      downloads.parse(url),
      hash ?? null,
      signal ?? new AbortController().signal,
    );
  };
  const refusal = async (url: string, wanted: Wanted = {}): Promise<Problem> => {
    try {
      await fetchUrl(url, wanted);
    } catch (error) {
      if (error instanceof Problem) {
        // Whatever was wrong, nothing of it stays.
        expect(await readdir(path.join(folder, '.incoming'))).toEqual([]);
        expect(await readdir(folder)).toEqual(['.incoming']);
        return error;
      }
      throw error;
    }
    throw new Error(`expected ${url} to be refused`);
  };
  const at = ({ port }: FileServer, rest = '/clip', host = '127.0.0.1') =>
    `http://${host}:${port}${rest}`;

  it('stores the file under its hash, telling the server nothing of the client', async () => {
    const server = await serveFile();
    const input = await fetchUrl(at(server, '/clip?sig=1#part'), { hash: `sha256:${SHA256}` });
    expect(input).toEqual({
      kind: 'file',
      key: `media/${SHA256}`,
      sha256: SHA256,
      bytes: FILE.length,
      contentType: null,
    });
    const [request] = server.requests;
    expect(request?.url).toBe('/clip?sig=1');
    expect(request?.headers).toEqual({
      accept: '*/*',
      'accept-encoding': 'identity',
      'user-agent': expect.stringMatching(/^deepfake-analysis-service\//) as string,
      host: `127.0.0.1:${server.port}`,
      connection: 'close',
    });
  });

  it('connects to the address that was checked, whatever the name stands for later', async () => {
    const server = await serveFile();
    const resolver = vi
      .fn<NonNullable<Network['resolver']>>()
      .mockResolvedValueOnce(LOOPBACK)
      .mockResolvedValue([{ address: '127.0.0.2', family: 4 }]);
    const url = at(server, '/clip', 'rebind.test');
    await fetchUrl(url, { network: { resolver } });
    expect(resolver).toHaveBeenCalledTimes(1);
    expect(server.requests[0]?.headers.host).toBe(`rebind.test:${server.port}`);
    await rm(path.join(folder, 'media'), { recursive: true });
    expect((await refusal(url, { network: { resolver } })).code).toBe('media_url_refused');
    expect(server.sockets).toHaveLength(1);
  });

  it('resolves and checks the name anew for each redirect', async () => {
    const server = await serve((_request, response) =>
      response.writeHead(302, { location: '/again' }).end(),
    );
    const resolver = vi
      .fn<NonNullable<Network['resolver']>>()
      .mockResolvedValueOnce(LOOPBACK)
      .mockResolvedValue([{ address: '169.254.169.254', family: 4 }]);
    const url = at(server, '/clip', 'rebind.test');
    expect((await refusal(url, { network: { resolver } })).code).toBe('media_url_refused');
    expect(server.sockets).toHaveLength(1);
  });

  it('refuses a name as soon as one of its addresses is refused, and one that is not known, alike', async () => {
    const server = await serveFile();
    const answers = [
      () => Promise.resolve([...LOOPBACK, { address: '10.0.0.1', family: 4 }]),
      () => Promise.resolve([{ address: '::ffff:127.0.0.1', family: 6 }]),
      () => Promise.resolve([]),
      () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })),
    ];
    const problems = await Promise.all(
      answers.map((resolver) => refusal(at(server, '/', 'a.test'), { network: { resolver } })),
    );
    const literals = ['127.0.0.2', '10.0.0.1', '169.254.169.254', '[::1]', '[::ffff:7f00:1]'];
    for (const host of literals) problems.push(await refusal(at(server, '/', host)));
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['media_url_refused']));
    expect(new Set(problems.map(({ message }) => message)).size).toBe(1);
    expect(problems.every(({ members }) => Object.keys(members).length === 0)).toBe(true);
    expect(server.sockets).toEqual([]);
  });

  it('gives up on a name that nobody resolves', async () => {
    const server = await serveFile();
    const environment = { MEDIA_URL_CONNECT_SECONDS: '1' };
    const silent = { resolver: () => new Promise<never>(() => undefined) };
    const url = at(server, '/', 'a.test');
    const problem = await refusal(url, { environment, network: silent });
    expect([problem.code, problem.members.reason]).toEqual(['media_url_unreachable', 'name']);
    const failing = { resolver: () => Promise.reject(new Error('EAI_AGAIN 10.0.0.53')) };
    expect((await refusal(url, { network: failing })).message).not.toContain('10.0.0.53');
  });

  describe('with TLS', () => {
    const network = { resolver: () => Promise.resolve(LOOPBACK), ca: TLS.cert };

    it('holds the server to the certificate of the URL’s own name', async () => {
      const server = await serve((_request, response) => response.end(FILE), TLS);
      const url = (host: string) => `https://${host}:${server.port}/clip`;
      expect(await fetchUrl(url('media.test'), { network })).toMatchObject({ sha256: SHA256 });
      expect(server.requests[0]?.socket).toMatchObject({ servername: 'media.test' });
      await rm(path.join(folder, 'media'), { recursive: true });
      for (const problem of [
        await refusal(url('other.test'), { network }),
        await refusal(url('127.0.0.1'), { network }),
        await refusal(url('media.test'), { network: { ...network, ca: undefined } }),
      ]) {
        expect(problem.code).toBe('media_url_unreachable');
        expect(problem.members.reason).toBe('certificate');
      }
      expect(server.requests).toHaveLength(1);
    });

    it('gives up on a server that does not shake hands, or not with TLS', async () => {
      const environment = { MEDIA_URL_CONNECT_SECONDS: '1' };
      const mute = await raw(() => undefined);
      const plain = await serveFile();
      const muteUrl = `https://media.test:${mute.port}/`;
      expect((await refusal(muteUrl, { network, environment })).members.reason).toBe('timeout');
      const plainUrl = `https://media.test:${plain.port}/`;
      expect((await refusal(plainUrl, { network })).members.reason).toBe('connection');
    });
  });

  describe('redirects', () => {
    it('follows them, relative ones too, up to a number', async () => {
      const server = await serve(({ url = '' }, response) => {
        const left = Number(url.slice(1));
        if (left === 0) response.end(FILE);
        else response.writeHead(left % 2 ? 301 : 307, { location: String(left - 1) }).end();
      });
      expect(await fetchUrl(at(server, '/5'))).toMatchObject({ sha256: SHA256 });
      await rm(path.join(folder, 'media'), { recursive: true });
      const problem = await refusal(at(server, '/6'));
      expect(problem.code).toBe('media_url_not_served');
      expect(problem.message).toContain('at most 5 redirects');
      const environment = { MEDIA_URL_MAX_REDIRECTS: '0' };
      expect((await refusal(at(server, '/1'), { environment })).message).toContain('0 redirects');
    });

    it('follows none to where the URL itself could not lead, and always says the same', async () => {
      const inner = await serveFile();
      const targets = [
        `http://127.0.0.2:${inner.port}/`,
        `//127.0.0.2:${inner.port}/`,
        `http://[::ffff:127.0.0.1]:${inner.port}/`,
        `http://2130706433:${inner.port}/`,
        `http://0x7f.1:${inner.port}/`,
        `http://user@127.0.0.1:${inner.port}/`,
        'http://127.0.0.1:22/',
        'http://169.254.169.254/latest/meta-data/',
        'http://10.0.0.1/',
        'file:///etc/passwd',
        'gopher://127.0.0.1/',
        'http://',
      ];
      const messages = new Set<string>();
      for (const location of targets) {
        const outer = await serve((_request, response) =>
          response.writeHead(302, { location }).end(),
        );
        const { code, message } = await refusal(at(outer));
        expect(code, location).toBe('media_url_refused');
        messages.add(message);
      }
      expect(messages.size).toBe(1);
      expect(inner.sockets).toEqual([]);
    });

    it('reads no redirect’s body', async () => {
      const server = await serve(({ url }, response) => {
        if (url === '/file') response.end(FILE);
        else response.writeHead(302, { location: '/file' }).write('and so on');
      });
      expect(await fetchUrl(at(server))).toMatchObject({ sha256: SHA256 });
    });
  });

  describe('what is not the file', () => {
    it.each([
      [404, {}],
      [401, { 'www-authenticate': 'Basic' }],
      [204, {}],
      [206, { 'content-range': 'bytes 0-3/100' }],
      [304, {}],
      [302, {}],
      [503, {}],
    ])('is refused: status %i', async (status, headers) => {
      const server = await serve((_request, response) => response.writeHead(status, headers).end());
      const problem = await refusal(at(server));
      expect(problem.code).toBe('media_url_not_served');
      expect(problem.members.upstream_status).toBe(status);
    });

    it('is refused: encoded, even if the server was asked not to', async () => {
      const server = await serve((_request, response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(FILE)),
      );
      expect((await refusal(at(server))).code).toBe('media_url_not_served');
    });

    it('is refused: nothing, and other bytes than the hash names', async () => {
      const empty = await serve((_request, response) => response.end());
      expect((await refusal(at(empty))).code).toBe('media_empty');
      const server = await serveFile();
      const problem = await refusal(at(server), { hash: '0'.repeat(64) });
      expect(problem.code).toBe('hash_mismatch');
      expect(problem.message).toContain(SHA256);
    });
  });

  describe('a hostile server', () => {
    const head = (...lines: string[]) => ['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n');
    const drip = (text: string) => (socket: Socket) => {
      const timer = setInterval(() => socket.write(text), 50);
      socket.once('close', () => {
        clearInterval(timer);
      });
    };

    it('sends no more than the limit, whether it says so or not', async () => {
      const environment = { MAX_UPLOAD_BYTES: '100000' };
      const said = await raw((socket) => socket.write(head('Content-Length: 100001')));
      const endless = await serve((_request, response) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(10_000)));
        };
        response.on('drain', more);
        more();
      });
      for (const server of [said, endless]) {
        const problem = await refusal(at(server), { environment });
        expect(problem.code).toBe('media_too_large');
        expect(problem.members.max_bytes).toBe(100_000);
        await until('the connection to end', () => server.sockets.every((one) => one.closed));
      }
    });

    it.each([
      ['ends early', head('Content-Length: 100') + 'half', 'cut'],
      ['ends in a chunk', head('Transfer-Encoding: chunked') + 'ff\r\nhalf', 'cut'],
      ['says nothing', '', 'connection'],
      ['says no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'protocol'],
      ['has endless headers', head(`X-Long: ${'x'.repeat(40_000)}`), 'protocol'],
      [
        'says two lengths',
        head('Content-Length: 5', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
        'protocol',
      ],
      [
        'changes the protocol',
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
        'connection',
      ],
    ])('%s', async (_what, text, reason) => {
      const server = await raw((socket) => socket.once('data', () => socket.end(text)));
      const problem = await refusal(at(server));
      expect([problem.code, problem.members.reason]).toEqual(['media_url_unreachable', reason]);
    });

    it.each([
      ['never answers', () => undefined, 'MEDIA_URL_ANSWER_SECONDS', 'timeout'],
      [
        'never ends its headers',
        (socket: Socket) => {
          socket.write('HTTP/1.1 200 OK\r\nX-Long: ');
          drip('x')(socket);
        },
        'MEDIA_URL_ANSWER_SECONDS',
        'timeout',
      ],
      [
        'stops in the middle',
        (socket: Socket) => socket.write(`${head('Content-Length: 99999')}${'x'.repeat(50_000)}`),
        'MEDIA_URL_SLOW_SECONDS',
        'too_slow',
      ],
      [
        'sends drop by drop',
        (socket: Socket) => {
          socket.write(head('Content-Length: 99999'));
          drip('x')(socket);
        },
        'MEDIA_URL_SLOW_SECONDS',
        'too_slow',
      ],
      [
        'never comes to its end',
        (socket: Socket) => {
          socket.write(head());
          drip('x'.repeat(5_000))(socket);
        },
        'MEDIA_URL_TOTAL_SECONDS',
        'timeout',
      ],
    ])('%s', async (_what, answer, limit, reason) => {
      const server = await raw(answer);
      const problem = await refusal(at(server), { environment: { [limit]: '1' } });
      expect([problem.code, problem.members.reason]).toEqual(['media_url_unreachable', reason]);
      await until('the connection to end', () => server.sockets.every((one) => one.closed));
    });
  });

  it('asks no proxy that the environment names', async () => {
    const proxy = await serveFile();
    const server = await serveFile();
    for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])
      vi.stubEnv(name, `http://127.0.0.1:${proxy.port}`);
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    await fetchUrl(at(server));
    vi.unstubAllEnvs();
    expect([proxy.sockets.length, server.requests.length]).toEqual([0, 1]);
  });

  it('ends when it is told to, and nothing is left', async () => {
    const server = await serve((_request, response) => response.write(FILE));
    const controller = new AbortController();
    const reason = new Problem('shutting_down', 'stop');
    const refused = refusal(at(server), { signal: controller.signal });
    await until('the download', async () => {
      return (await readdir(path.join(folder, '.incoming'))).length === 1;
    });
    controller.abort(reason);
    expect(await refused).toBe(reason);
    await until('the connection to end', () => server.sockets.every((one) => one.closed));
    expect(await refusal(at(server), { signal: AbortSignal.abort(reason) })).toBe(reason);
    expect(server.sockets).toHaveLength(1);
  });
});
