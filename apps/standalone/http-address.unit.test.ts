import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { portToUse, urlOf } from './http-address.js';

describe('urlOf', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:80'],
    ['0.0.0.0', 'http://127.0.0.1:80'],
    ['::', 'http://[::1]:80'],
    ['media.example', 'http://media.example:80'],
  ])('%s is reached at %s', (host, url) => {
    expect(urlOf(host, 80)).toBe(url);
  });
});

describe('portToUse', () => {
  it('says which port is taken, and takes it once it is free', async () => {
    const port = await portToUse('127.0.0.1', 0, 0);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', () => resolve()));
    await expect(portToUse('127.0.0.1', port, 0)).rejects.toThrow(
      `PORT: expected ${port} to be free on 127.0.0.1`,
    );
    const waiting = portToUse('127.0.0.1', port, 20_000);
    other.close();
    expect(await waiting).toBe(port);
  });
});
