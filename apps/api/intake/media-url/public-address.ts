import ipaddr from 'ipaddr.js';

/** Every address that the registries hand out for the public internet lies in here (RFC 4291, 2.4). */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/** Public by its number, and in truth the metadata service of every machine in Azure. */
const AZURE_METADATA = '168.63.129.16';

/**
 * Whether an address belongs to a host on the public internet: not loopback, private, link-local (where clouds have their
 * metadata), shared, multicast, documentation or otherwise reserved, and no IPv6 form that carries an IPv4 address
 * to be reached through it (mapped, compatible, NAT64, 6to4, Teredo).
 *
 * @param address as a resolver tells it; what is no address is not public
 */
export function isPublicAddress(address: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) {
    return address !== AZURE_METADATA && ipaddr.IPv4.parse(address).range() === 'unicast';
  }
  // An address with an interface's name is meant for this machine's own networks.
  if (!ipaddr.IPv6.isValid(address) || address.includes('%')) return false;
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.match(GLOBAL_UNICAST) && parsed.range() === 'unicast';
}
