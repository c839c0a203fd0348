import { describe, expect, it } from 'vitest';
import { isPublicAddress } from './public-address.js';

describe('isPublicAddress', () => {
  it.each(['93.184.216.34', '1.1.1.1', '2606:4700:4700::1111', '2a00:1450:4001:80b::200e'])(
    'lets %s pass',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    ['this machine', ['127.0.0.1', '127.255.255.254', '0.0.0.0', '0.1.2.3', '::1', '::']],
    ['private networks', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fd00::1']],
    ['the link and the site', ['169.254.1.1', 'fe80::1', 'fe80::1%eth0', 'fec0::1']],
    ['metadata services', ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '192.0.0.192']],
    ['the metadata service of Azure', ['168.63.129.16']],
    ['carriers’ shared space', ['100.64.0.1', '100.127.255.255']],
    ['many at once', ['224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1']],
    ['documents and measurements', ['192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1']],
    ['documents, with IPv6', ['2001:db8::1', '3fff::1', '2001:2::1']],
    ['nobody yet', ['240.0.0.1', '192.88.99.1', '4000::1', '100::1', '5f00::1']],
    ['IPv4 in IPv6: mapped', ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:93.184.216.34']],
    ['IPv4 in IPv6: compatible', ['::127.0.0.1', '::93.184.216.34']],
    ['IPv4 in IPv6: translated', ['::ffff:0:127.0.0.1', '64:ff9b::a00:1', '64:ff9b:1::a00:1']],
    ['IPv4 in IPv6: tunnelled', ['2002:7f00:1::', '2002:a00:1::1', '2001:0:4136:e378::1']],
    ['no address at all', ['', 'example.org', '2130706433', '0x7f000001', '127.1', '0177.0.0.1']],
  ])('holds back what is for %s', (_what, addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });
});
