import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../libs/platform/config/config.js';
import { FetchPolicy } from './fetch-policy.js';

const policy = (environment: Readonly<Record<string, string>> = {}) =>
  new FetchPolicy(parseConfig(environment).mediaUrl);
const PUBLIC = '93.184.216.34';

describe('FetchPolicy', () => {
  it('lets hosts pass that have public addresses, and only such', () => {
    expect(policy().permits('example.org', [PUBLIC, '2606:4700::1111'])).toBe(true);
    expect(policy().permits('example.org', [PUBLIC, '10.0.0.1'])).toBe(false);
    expect(policy().permits('example.org', [])).toBe(false);
  });

  it('lets an address pass that is named, under any name', () => {
    const named = policy({ MEDIA_URL_ALLOW: '127.0.0.1/32,fd00::/8' });
    expect(named.permits('127.0.0.1', ['127.0.0.1'])).toBe(true);
    expect(named.permits('media.local', ['127.0.0.1', 'fd00::7'])).toBe(true);
    expect(named.permits('127.0.0.2', ['127.0.0.2'])).toBe(false);
    expect(named.permits('::ffff:7f00:1', ['::ffff:7f00:1'])).toBe(false);
    expect(named.permits('example.org', [PUBLIC])).toBe(true);
  });

  it('does not trust a name with an address that is not public', () => {
    const named = policy({ MEDIA_URL_ALLOW: 'store.example.org,*.cdn.example' });
    expect(named.permits('store.example.org', ['169.254.169.254'])).toBe(false);
    expect(named.permits('a.cdn.example', ['10.0.0.1'])).toBe(false);
  });

  it('fetches from nowhere else where only what is listed may be', () => {
    const listed = policy({
      MEDIA_URL: 'listed',
      MEDIA_URL_ALLOW: `store.example.org,*.cdn.example,1.1.1.0/24`,
    });
    expect(listed.permits('store.example.org', [PUBLIC])).toBe(true);
    expect(listed.permits('a.b.cdn.example', [PUBLIC])).toBe(true);
    expect(listed.permits('one.example', ['1.1.1.1'])).toBe(true);
    expect(listed.permits('one.example', ['1.1.1.1', PUBLIC])).toBe(false);
    for (const other of ['example.org', 'cdn.example', 'evilcdn.example', 'x.store.example.org'])
      expect(listed.permits(other, [PUBLIC]), other).toBe(false);
  });

  it('refuses what is denied, even if it is allowed as well', () => {
    const denied = policy({
      MEDIA_URL_ALLOW: '10.0.0.0/8,ads.example',
      MEDIA_URL_DENY: '10.0.0.0/24,ads.example,*.tracker.example,93.184.0.0/16',
    });
    expect(denied.permits('a', ['10.0.1.1'])).toBe(true);
    expect(denied.permits('a', ['10.0.0.1'])).toBe(false);
    expect(denied.permits('ads.example', ['1.1.1.1'])).toBe(false);
    expect(denied.permits('x.tracker.example', ['1.1.1.1'])).toBe(false);
    expect(denied.permits('example.org', ['1.1.1.1', PUBLIC])).toBe(false);
  });
});
