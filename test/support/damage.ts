import { open, rm, stat, truncate } from 'node:fs/promises';

/** What disks, people and programs do to a stored file. */
export const DAMAGES = {
  truncated: async (file: string) => truncate(file, Math.floor((await stat(file)).size / 2)),
  flipped: async (file: string) => {
    const opened = await open(file, 'r+');
    const at = Math.floor((await opened.stat()).size / 2);
    const byte = Buffer.alloc(1);
    await opened.read(byte, 0, 1, at);
    byte.writeUInt8(byte.readUInt8() ^ 0xff);
    await opened.write(byte, 0, 1, at);
    await opened.close();
  },
  deleted: (file: string) => rm(file),
} as const;

export type Damage = keyof typeof DAMAGES;
export const EACH_DAMAGE = Object.keys(DAMAGES) as Damage[];
