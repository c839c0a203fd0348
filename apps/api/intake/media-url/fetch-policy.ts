import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import type { Config } from '../../../../libs/platform/config/config.js';
import type { HostList } from '../../../../libs/platform/config/host-list.js';
import { isPublicAddress } from './public-address.js';

type Settings = Pick<Config['mediaUrl'], 'from' | 'allow' | 'deny'>;

/**
 * Which hosts media may be fetched from. What MEDIA_URL_DENY names is refused in any case. An address that is not
 * public, or is this machine's own, must be named in MEDIA_URL_ALLOW as an address or network: a name alone does not do, as
 * whoever answers for the name could point it anywhere.
 */
export class FetchPolicy {
  readonly #allow: Matcher;
  readonly #deny: Matcher;

  constructor(private readonly settings: Settings) {
    this.#allow = new Matcher(settings.allow);
    this.#deny = new Matcher(settings.deny);
  }

  /**
   * @param host name or address literal of a URL, in lower case
   * @param addresses all that it stands for: one that is refused refuses the host
   */
  permits(host: string, addresses: readonly string[]): boolean {
    if (addresses.length === 0) return false;
    if (this.#deny.hasHost(host) || addresses.some((one) => this.#deny.hasAddress(one))) {
      return false;
    }
    if (!addresses.every((one) => this.#mayBeReached(one))) return false;
    if (this.settings.from === 'public') return true;
    return this.#allow.hasHost(host) || addresses.every((one) => this.#allow.hasAddress(one));
  }

  #mayBeReached(address: string): boolean {
    if (this.#allow.hasAddress(address)) return true;
    return isPublicAddress(address) && !isOwnAddress(address);
  }
}

class Matcher {
  readonly #networks: readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[];

  constructor(private readonly list: HostList) {
    this.#networks = list.networks.map((network) => ipaddr.parseCIDR(network));
  }

  hasHost(host: string): boolean {
    const { hosts, domains } = this.list;
    return hosts.includes(host) || domains.some((domain) => host.endsWith(`.${domain}`));
  }

  hasAddress(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.parse(address);
    return this.#networks.some(
      ([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits),
    );
  }
}

/** A public address may still be that of this machine, whose services are not for the public. */
function isOwnAddress(address: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const normal = ipaddr.parse(address).toNormalizedString();
  return own.some((one) => ipaddr.parse(one.address).toNormalizedString() === normal);
}
