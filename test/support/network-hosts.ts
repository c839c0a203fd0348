import { execFileSync } from 'node:child_process';

/** Whether this process may make network namespaces and links between them. */
export function canMakeHosts(): boolean {
  const probe = `dfp${process.pid}`;
  try {
    execFileSync('ip', ['netns', 'add', probe], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'del', probe], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A cable of a host, into one network. */
export interface NetworkLink {
  readonly address: string;
  /** Takes the cable out: what is sent is lost, and nobody is told. */
  cut(): void;
  restore(): void;
}

/** A network namespace that stands for a host of its own. */
export interface NetworkHost<N extends string> {
  /** Its links, by their networks. */
  readonly links: Readonly<Record<N, NetworkLink>>;
  /** The command that runs a program there. */
  readonly command: (
    program: string,
    args: readonly string[],
  ) => readonly [string, readonly string[]];
}

const ip = (...args: readonly string[]) => execFileSync('ip', args, { stdio: 'pipe' });

interface Bridge {
  readonly device: string;
  readonly subnet: string;
}

/** Hosts on one or several bridges, each of which this process is on as well. There is no way from one bridge to another. */
export class HostsInNetworks<N extends string> {
  readonly #tag = `df${process.pid.toString(36)}`;
  readonly #bridges = new Map<string, Bridge>();
  readonly #namespaces: string[] = [];

  constructor(networks: readonly N[]) {
    for (const [index, network] of networks.entries()) {
      const device = `${this.#tag}b${index}`;
      // Of the addresses that are kept for tests of networks (RFC 2544), another part for each process.
      const number = (process.pid * networks.length + index) % 512;
      const subnet = `198.${number < 256 ? 18 : 19}.${number % 256}`;
      ip('link', 'add', device, 'type', 'bridge');
      this.#bridges.set(network, { device, subnet });
      ip('address', 'add', `${subnet}.1/24`, 'dev', device);
      ip('link', 'set', device, 'up');
    }
  }

  /** @param networks that it has a link to */
  add<M extends N>(name: string, networks: readonly M[]): NetworkHost<M> {
    const number = this.#namespaces.length;
    const namespace = `${this.#tag}-${name}`;
    ip('netns', 'add', namespace);
    this.#namespaces.push(namespace);
    ip('netns', 'exec', namespace, 'ip', 'link', 'set', 'lo', 'up');
    const links = networks.map((network) => [network, this.#connect(namespace, number, network)]);
    return {
      links: Object.fromEntries(links) as Record<M, NetworkLink>,
      command: (program, args) => ['ip', ['netns', 'exec', namespace, program, ...args]],
    };
  }

  /** Removes all of it; the programs there must have ended. */
  remove(): void {
    for (const namespace of this.#namespaces) ip('netns', 'del', namespace);
    for (const { device } of this.#bridges.values()) ip('link', 'del', device);
  }

  #connect(namespace: string, number: number, network: N): NetworkLink {
    const bridge = this.#bridges.get(network);
    if (bridge === undefined) throw new Error(`expected a known network, got ${network}`);
    const { device, subnet } = bridge;
    const near = `${device}n${number}`;
    const far = `${device}f${number}`;
    const address = `${subnet}.${10 + number}`;
    const inside = ['netns', 'exec', namespace, 'ip'];
    ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', namespace);
    ip('link', 'set', near, 'master', device, 'up');
    ip(...inside, 'address', 'add', `${address}/24`, 'dev', far);
    ip(...inside, 'link', 'set', far, 'up');
    return {
      address,
      cut: () => ip('link', 'set', near, 'down'),
      restore: () => ip('link', 'set', near, 'up'),
    };
  }
}
