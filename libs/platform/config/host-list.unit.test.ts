import { describe, expect, it } from 'vitest';
import { parseHostList } from './host-list.js';

describe('parseHostList', () => {
  const parse = (text: string) => {
    const problems: string[] = [];
    return { ...parseHostList(text, (message) => problems.push(message)), problems };
  };

  it('tells names, domains, addresses and networks apart', () => {
    expect(
      parse('Media.Example.org, *.cdn.example, 10.0.0.5,10.1.0.0/16,::1,fd00::/8,bücher.example'),
    ).toEqual({
      hosts: ['media.example.org', 'xn--bcher-kva.example'],
      domains: ['cdn.example'],
      networks: ['10.0.0.5/32', '10.1.0.0/16', '::1/128', 'fd00::/8'],
      problems: [],
    });
    expect(parse('')).toEqual({ hosts: [], domains: [], networks: [], problems: [] });
  });

  it.each([
    'https://example.org',
    'example.org:443',
    'example.org/path',
    'user@example.org',
    '*',
    '*.*.org',
    'a b',
    'example.org.',
    '2130706433',
    '0177.0.0.1',
    '0x7f.1',
    '127.1',
    '10.0.0.0/33',
    '010.0.0.0/8',
    'fe80::1%eth0',
    '[::1]',
  ])('names the entry %j, which is none of them', (entry) => {
    expect(parse(`example.org,${entry}`).problems).toEqual([
      expect.stringContaining(`got "${entry}"`),
    ]);
  });
});
