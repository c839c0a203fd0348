/** What disks, people and programs do to stored bytes; null = they are gone. */
export const DAMAGES = {
  truncated: (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2)),
  flipped: (bytes: Buffer) => {
    const changed = Buffer.from(bytes);
    const at = Math.floor(changed.length / 2);
    changed.writeUInt8(changed.readUInt8(at) ^ 0xff, at);
    return changed;
  },
  deleted: () => null,
} as const satisfies Readonly<Record<string, (bytes: Buffer) => Buffer | null>>;

export type Damage = keyof typeof DAMAGES;
export const EACH_DAMAGE = Object.keys(DAMAGES) as Damage[];
