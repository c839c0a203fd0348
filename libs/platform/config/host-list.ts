import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';

/** Hosts and networks that a setting names. All in lower case, names in their ASCII form. */
export interface HostList {
  /** Exact names. */
  readonly hosts: readonly string[];
  /** `example.org` of an entry `*.example.org`: every host below it, and not itself. */
  readonly domains: readonly string[];
  /** In CIDR notation; a single address has its full length. */
  readonly networks: readonly string[];
}

const HOST_NAME = /^(?!-)[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;

/** @param onProblem is told of each entry that is none, with what was expected */
export function parseHostList(text: string, onProblem: (message: string) => void): HostList {
  const hosts: string[] = [];
  const domains: string[] = [];
  const networks: string[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const network = networkOf(entry);
    const name = network === null ? asciiName(entry.replace(/^\*\./, '')) : null;
    if (network !== null) networks.push(network);
    else if (name === null)
      onProblem(
        'expected host names, *.domains, addresses or networks in CIDR notation, ' +
          `separated by commas, got "${entry}"`,
      );
    else if (entry.startsWith('*.')) domains.push(name);
    else hosts.push(name);
  }
  return { hosts, domains, networks };
}

function networkOf(entry: string): string | null {
  if (ipaddr.isValidCIDR(entry)) return isPlain(entry.split('/')[0] ?? '') ? entry : null;
  if (!isPlain(entry)) return null;
  return `${entry}/${ipaddr.parse(entry).kind() === 'ipv4' ? 32 : 128}`;
}

/** Not one of the forms in which people hide addresses: a bare number, octal or hexadecimal parts, an interface's name. */
function isPlain(address: string): boolean {
  return (
    ipaddr.IPv4.isValidFourPartDecimal(address) ||
    (ipaddr.IPv6.isValid(address) && !address.includes('%'))
  );
}

function asciiName(name: string): string | null {
  if (/[/@:?#\\]/.test(name)) return null;
  const host = domainToASCII(name);
  return HOST_NAME.test(host) && !/^[\d.]+$/.test(host) ? host : null;
}
