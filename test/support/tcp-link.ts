import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A way to a server on this machine that can be cut and mended: while it is cut, nothing answers at its port. */
export class TcpLink {
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;
  #passed = 0;

  private constructor(private readonly target: number) {}

  static async to(target: number): Promise<TcpLink> {
    const link = new TcpLink(target);
    await link.mend();
    return link;
  }

  get port(): number {
    return this.#port;
  }

  /** Bytes that went either way. */
  get passed(): number {
    return this.#passed;
  }

  async mend(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(this.target, '127.0.0.1');
      this.#join(near, far);
      this.#join(far, near);
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Breaks all connections. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (chunk: Buffer) => {
      this.#passed += chunk.length;
      if (!to.write(chunk)) from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
