import { describe, expect, it } from 'vitest';
import { pageTokenOf, serverTokenOf } from './page-token.js';

describe('a page token', () => {
  const token = pageTokenOf(Buffer.from('{"CloseTime":1}'), 'a = 1');

  it('is given back as the server’s own', () => {
    expect(token).toMatch(/^[\w-]+$/);
    expect(Buffer.from(serverTokenOf(token, 'a = 1')).toString()).toBe('{"CloseTime":1}');
  });

  it.each([
    ['of another list', token, 'a = 2'],
    ['cut short', token.slice(0, -3), 'a = 1'],
    ['made up', 'AAAA', 'a = 1'],
  ])('%s is refused', (_, given, query) => {
    expect(() => serverTokenOf(given, query)).toThrow('pageToken: expected next_page_token');
  });
});
