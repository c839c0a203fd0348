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

/** A network namespace that stands for a host of its own, with one link to all others. */
export interface NetworkHost {
  readonly address: string;
  /** The command that runs a program there. */
  command(program: string, args: readonly string[]): readonly [string, readonly string[]];
  /** Takes the cable out: what is sent is lost, and nobody is told. */
  cut(): void;
  restore(): void;
}

const ip = (...args: readonly string[]) => execFileSync('ip', args, { stdio: 'pipe' });

/** Hosts on one bridge, which this process is on as well. */
export class NetworkOfHosts {
  readonly #bridge: string;
  readonly #namespaces: string[] = [];
  /** Of the addresses that are kept for tests of networks (RFC 2544). */
  readonly #subnet: string;

  constructor() {
    const tag = process.pid.toString(36);
    this.#bridge = `dfb${tag}`;
    this.#subnet = `198.18.${process.pid % 256}`;
    ip('link', 'add', this.#bridge, 'type', 'bridge');
    ip('address', 'add', `${this.#subnet}.1/24`, 'dev', this.#bridge);
    ip('link', 'set', this.#bridge, 'up');
  }

  add(name: string): NetworkHost {
    const number = this.#namespaces.length;
    const namespace = `${this.#bridge}-${name}`;
    const near = `${this.#bridge}n${number}`;
    const far = `${this.#bridge}f${number}`;
    const address = `${this.#subnet}.${10 + number}`;
    const inside = ['netns', 'exec', namespace, 'ip'];
    ip('netns', 'add', namespace);
    this.#namespaces.push(namespace);
    ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', namespace);
    ip('link', 'set', near, 'master', this.#bridge, 'up');
    ip(...inside, 'address', 'add', `${address}/24`, 'dev', far);
    ip(...inside, 'link', 'set', far, 'up');
    ip(...inside, 'link', 'set', 'lo', 'up');
    return {
      address,
      command: (program, args) => ['ip', ['netns', 'exec', namespace, program, ...args]],
      cut: () => ip('link', 'set', near, 'down'),
      restore: () => ip('link', 'set', near, 'up'),
    };
  }

  /** Removes all of it; the programs there must have ended. */
  remove(): void {
    for (const namespace of this.#namespaces) ip('netns', 'del', namespace);
    ip('link', 'del', this.#bridge);
  }
}
