import { randomUUID } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  freeS3Ports,
  prepareS3Folder,
  removeS3Sockets,
  S3_CREDENTIALS,
  S3_ENVIRONMENT,
  s3Arguments,
  s3Program,
  type S3Ports,
} from '../../bench/s3-server.js';
import { until } from './until.js';

export { S3_ENVIRONMENT };

/** Where a server runs. */
export interface ServerHost {
  readonly address: string;
  /** The command that runs a program there. */
  readonly command: (
    program: string,
    args: readonly string[],
  ) => readonly [string, readonly string[]];
}

const THIS_HOST: ServerHost = {
  address: '127.0.0.1',
  command: (program, args) => [program, args],
};

/** Bucket of its own, for looking whether the server works. */
const PROBE = 'probe';

/** SeaweedFS on free ports, with its data in a folder, so that it can be ended and started again. */
export class S3Server {
  #child: ChildProcess | null = null;

  private constructor(
    private readonly folder: string,
    private readonly ports: S3Ports,
    private readonly host: ServerHost,
  ) {}

  /** @param host this one, or one of its own */
  static async start(folder: string, host = THIS_HOST): Promise<S3Server> {
    await prepareS3Folder(folder, false);
    const server = new S3Server(folder, await freeS3Ports(), host);
    await server.restart();
    return server;
  }

  get endpoint(): string {
    return `http://${this.host.address}:${this.ports[0]}`;
  }

  get port(): number {
    return this.ports[0];
  }

  /** A client for what the tests do to the store behind its back. */
  client(): S3Client {
    const { endpoint } = this;
    const credentials = S3_CREDENTIALS;
    return new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  }

  async createBucket(name: string): Promise<void> {
    await this.client().send(new CreateBucketCommand({ Bucket: name }));
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Lets it stand still: connections stay open, and nothing is answered. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Starts it on the same ports with the same data; resolves when it answers. */
  async restart(): Promise<void> {
    const args = s3Arguments(this.folder, this.host.address, this.ports);
    const [command, commandArgs] = this.host.command(await s3Program(), args);
    const child = spawn(command, commandArgs, {
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2_000)));
    this.#child = child;
    const client = this.client();
    await until('the S3 server to take objects', async () => {
      if (child.exitCode !== null) throw new Error(`the S3 server ended: ${said}`);
      return takesObjects(client).catch(() => false);
    });
    client.destroy();
  }

  async stop(): Promise<void> {
    await this.kill();
    await removeS3Sockets(this.ports);
  }
}

/** It lists buckets some seconds before its volumes are there. */
async function takesObjects(client: S3Client): Promise<boolean> {
  await client.send(new CreateBucketCommand({ Bucket: PROBE })).catch(() => undefined);
  const object = { Bucket: PROBE, Key: randomUUID() };
  await client.send(new PutObjectCommand({ ...object, Body: 'probe' }));
  const { Body } = await client.send(new GetObjectCommand(object));
  return (await Body?.transformToString()) === 'probe';
}
