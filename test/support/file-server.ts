import http, { type IncomingMessage, type RequestListener } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';

/** A server of files on loopback that remembers who came. */
export interface FileServer {
  readonly port: number;
  readonly requests: readonly IncomingMessage[];
  /** Connections that were taken, with or without a request. */
  readonly sockets: readonly Socket[];
  stop(): Promise<void>;
}

/** @param tls certificate and key in PEM for HTTPS */
export function startFileServer(
  answer: RequestListener,
  tls?: { readonly cert: string; readonly key: string },
): Promise<FileServer> {
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    answer(request, response);
  };
  const server =
    tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  return listen(server, requests);
}

/** What speaks no HTTP, or its own kind of it. */
export function startRawServer(answer: (socket: Socket) => void): Promise<FileServer> {
  const server = net.createServer((socket) => {
    // Read on, or its end is not seen.
    socket.resume();
    answer(socket);
  });
  return listen(server, []);
}

async function listen(server: net.Server, requests: IncomingMessage[]): Promise<FileServer> {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    sockets,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
