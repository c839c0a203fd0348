import { createServer } from 'node:net';

/** A port of this machine that is free now; `preferred` where that one is. */
export async function freePort(preferred = 0): Promise<number> {
  const tried = await listenOnce(preferred);
  return (
    tried ?? (await listenOnce(0)) ?? Promise.reject(new Error('expected a free port, found none'))
  );
}

function listenOnce(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(null);
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : null);
      });
    });
  });
}
