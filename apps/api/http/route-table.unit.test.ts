import { describe, expect, it } from 'vitest';
import { RouteTable } from './route-table.js';

describe('RouteTable', () => {
  const table = new RouteTable();
  table.add('/api/v1/inference', ['POST']);
  table.add('/api/v1/inference/:id', ['GET']);
  table.add('/api/v1/inference/:id', ['HEAD']);
  table.add('/health', ['GET']);

  it.each([
    ['/api/v1/inference', ['POST']],
    ['/api/v1/inference?x=1', ['POST']],
    ['/api/v1/inference/abc', ['GET', 'HEAD']],
    ['/api/v1/inference/abc/def', []],
    ['/healthy', []],
  ])('knows the methods at %s', (url, methods) => {
    expect(table.methodsAt(url)).toEqual(methods);
  });
});
