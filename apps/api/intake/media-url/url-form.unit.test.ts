import { describe, expect, it } from 'vitest';
import { Problem } from '../../problems/problem.js';
import { hostOf, parseMediaUrl } from './url-form.js';

const PORTS = [80, 443];
const problemOf = (text: string): Problem => {
  try {
    parseMediaUrl(text, PORTS);
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error(`expected a problem with ${text}`);
};

describe('parseMediaUrl', () => {
  it.each([
    ['https://example.org/clip.mp4?sig=a%20b#t=1', 'example.org'],
    ['HTTP://EXAMPLE.org:80', 'example.org'],
    ['https://bücher.example/größe.mp4', 'xn--bcher-kva.example'],
    ['http://93.184.216.34/a', '93.184.216.34'],
    ['https://[2606:4700::1111]/a', '2606:4700::1111'],
    ['https://example.org?a', 'example.org'],
  ])('takes %s', (text, host) => {
    expect(hostOf(parseMediaUrl(text, PORTS))).toBe(host);
  });

  it.each([
    '',
    'clip.mp4',
    '/etc/passwd',
    '//example.org/a',
    'file:///etc/passwd',
    'ftp://example.org/a',
    'gopher://example.org/',
    'data:image/png;base64,AA==',
    'javascript:alert(1)',
    'http:example.org',
    'http:/example.org',
    'http:///example.org',
    'http://',
    'http:\\\\example.org',
    'http://example.org\\@127.0.0.1/',
    'http://exam\tple.org/',
    ' http://example.org/',
    'http://example.org/a b',
    'http://example.org/a\r\nX: y',
    'http://user@example.org/',
    'http://user:secret@example.org/',
    'http://example.org./a',
    'http://127.0.0.1./a',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0x7f.0.0.1/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://127.0.0.01/',
    'http://%31%32%37.0.0.1/',
    'http://①②⑦.0.0.1/',
    'http://127。0。0。1/',
    'http://[fe80::1%25eth0]/',
    'http://[::1',
    'http://exa mple.org/',
    'http://example.org:99999/',
  ])('refuses %j as no URL of media', (text) => {
    expect(problemOf(text).code).toBe('media_url_invalid');
  });

  it('refuses a URL that is too long', () => {
    const { code, message } = problemOf(`http://example.org/${'a'.repeat(9000)}`);
    expect(code).toBe('media_url_invalid');
    expect(message.length).toBeLessThan(100);
  });

  it('refuses another port, and names those that may be asked', () => {
    expect(problemOf('http://example.org:6379/')).toMatchObject({
      code: 'media_url_refused',
      message: 'Expected mediaUrl on port 80 or 443, got 6379.',
    });
    expect(parseMediaUrl('http://example.org:6379/', [6379]).port).toBe('6379');
  });

  it('says what came without repeating what may be secret', () => {
    expect(problemOf('ftp://example.org/?key=hush').message).toMatch(/got one of ftp:\.$/);
    for (const text of ['http://me:hush@example.org/', 'http:\\\\x/?key=hush'])
      expect(problemOf(text).message).not.toContain('hush');
  });
});
