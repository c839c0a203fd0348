import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { BlobStore } from '../../libs/blobs/blob-store.js';
import { openBlobStore } from '../../libs/blobs/open-blob-store.js';
import { parseConfig } from '../../libs/platform/config/config.js';
import { createLogger } from '../../libs/platform/logger.js';
import { DAMAGES, type Damage } from './damage.js';
import { S3_ENVIRONMENT, S3Server } from './s3-server.js';

/** A store as the service opens it, and a way to it behind its back. */
export interface DamageableStore {
  /** What processes are told of it, beside their DATA_DIR. */
  readonly env: Readonly<Record<string, string>>;
  readonly blobs: BlobStore;
  /** Changes or deletes the bytes and nothing else that is known of them. */
  damage(key: string, how: Damage): Promise<void>;
  stop(): Promise<void>;
}

const Bucket = 'damageable';

/** Each kind of store. @param folder DATA_DIR */
export const STORES: Readonly<Record<string, (folder: string) => Promise<DamageableStore>>> = {
  folder: async (folder) => {
    const blobs = await open(folder, {});
    return {
      env: {},
      blobs,
      damage: async (key, how) => {
        const file = path.join(folder, 'blobs', key);
        const left = DAMAGES[how](await readFile(file));
        await (left === null ? rm(file) : writeFile(file, left));
      },
      stop: () => blobs.close(),
    };
  },
  'S3 bucket': async (folder) => {
    Object.assign(process.env, S3_ENVIRONMENT);
    const server = await S3Server.start(path.join(folder, 's3'));
    await server.createBucket(Bucket);
    const env = { S3_BUCKET: Bucket, S3_ENDPOINT: server.endpoint, S3_FORCE_PATH_STYLE: '1' };
    const blobs = await open(folder, env);
    const client = server.client();
    return {
      env,
      blobs,
      damage: async (key, how) => {
        const object = { Bucket, Key: key };
        const { Body, Metadata } = await client.send(new GetObjectCommand(object));
        const left = DAMAGES[how](Buffer.from((await Body?.transformToByteArray()) ?? []));
        if (left === null) await client.send(new DeleteObjectCommand(object));
        else await client.send(new PutObjectCommand({ ...object, Body: left, Metadata }));
      },
      stop: async () => {
        await blobs.close();
        client.destroy();
        await server.stop();
      },
    };
  },
};

function open(folder: string, env: Readonly<Record<string, string>>): Promise<BlobStore> {
  return openBlobStore(parseConfig({ DATA_DIR: folder, ...env }), createLogger('test', 'silent'));
}

/** All keys that begin so, in order. */
export async function keysOf(blobs: BlobStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of blobs.list(prefix)) keys.push(key);
  return keys;
}
