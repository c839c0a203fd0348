import { describe, expect, it } from 'vitest';
import { hashOfKey, parseApiKeys } from './api-keys.js';
import { ConfigError, parseConfig } from './config.js';

const A = 'a-key-of-the-first-tenant';
const B = 'b-key-of-the-second:tenant';

function problemsOf(text: string): readonly string[] {
  const problems: string[] = [];
  parseApiKeys(text, (problem) => problems.push(problem));
  return problems;
}

describe('parseApiKeys', () => {
  it('reads tenants and keeps hashes alone', () => {
    expect(problemsOf(`acme:${A}, other-1:${B},acme:${A}-new`)).toEqual([]);
    const keys = parseApiKeys(`acme:${A}, other-1:${B},acme:${A}-new`, () => undefined);
    expect(keys).toEqual([
      { tenant: 'acme', sha256: hashOfKey(A) },
      { tenant: 'other-1', sha256: hashOfKey(B) },
      { tenant: 'acme', sha256: hashOfKey(`${A}-new`) },
    ]);
  });

  it.each([
    [`acme:${A},nothing`, /^entry 2: expected tenant:key, got no colon$/],
    [`acme:${A},`, /^entry 2: expected tenant:key/],
    [`Acme:${A}`, /^entry 1: expected a tenant of 1 to 32/],
    [`:${A}`, /^entry 1: expected a tenant/],
    [`${'a'.repeat(33)}:${A}`, /^entry 1: expected a tenant/],
    ['acme:too-short', /^entry 1: expected a key of 16 to 256 characters .* got 9$/],
    [`acme:${'k'.repeat(257)}`, /^entry 1: expected a key of 16 to 256 characters .* got 257$/],
    [`acme:${A} ${A}`, /^entry 1: expected a key of printable ASCII/],
    [`acme:${A}ä`, /^entry 1: expected a key of printable ASCII/],
    [`acme:${A},other:${B},other:${A}`, /^entry 3: expected each key once, got the key of entry 1/],
  ])('refuses %j', (text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(problem)]);
    expect(problemsOf(text).join()).not.toContain('key-of-the');
  });
});

describe('API_KEYS', () => {
  it('opens the API to other hosts, unless HOST says otherwise', () => {
    expect(parseConfig({}).http.host).toBe('127.0.0.1');
    expect(parseConfig({ API_KEYS: `acme:${A}` }).http.host).toBe('0.0.0.0');
    expect(parseConfig({ API_KEYS: `acme:${A}`, HOST: '::1' }).http.host).toBe('::1');
    expect(parseConfig({}).apiKeys).toEqual([]);
  });

  it('ends the start where it is malformed, with the position and without the keys', () => {
    const parse = () => parseConfig({ API_KEYS: `acme:${A},other-${B}`, PORT: 'x' });
    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(/API_KEYS: entry 2: expected .*; got a value/);
    try {
      parse();
    } catch (error) {
      expect(String(error)).not.toMatch(/key-of-the/);
    }
  });
});
