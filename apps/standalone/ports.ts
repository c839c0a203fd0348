import { createServer } from 'node:net';

const PAUSE_MS = 200;

/** A port of this machine that is free now; `preferred` where that one is. */
export async function freePort(preferred = 0): Promise<number> {
  const tried = await listenOnce('127.0.0.1', preferred);
  const free = tried ?? (await listenOnce('127.0.0.1', 0));
  if (free === null) throw new Error('expected a free port, found none');
  return free;
}

/** Ports that are free now, all of them different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

/** Whether the port is free, or gets free within `patienceMs`. */
export async function untilFree(host: string, port: number, patienceMs: number): Promise<boolean> {
  const deadline = Date.now() + patienceMs;
  while ((await listenOnce(host, port)) === null) {
    if (Date.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return true;
}

/** @returns the port listened on; null when it is taken */
function listenOnce(host: string, port: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen({ port, host }, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : null);
      });
    });
  });
}
