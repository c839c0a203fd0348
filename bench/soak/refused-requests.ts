import path from 'node:path';

interface RefusedRequest {
  /** With its leading "/". */
  readonly route: string;
  readonly request: RequestInit;
}

const INFERENCE = '/api/v1/inference';
const NOBODYS_ID = `${'0'.repeat(16)}-${'0'.repeat(16)}`;

/** A request that must be answered with 4xx. @param dice 0 <= dice < 1: which one @param folder one that frames may come from */
export function refusedRequest(dice: number, folder: string): RefusedRequest {
  const json = (body: unknown): RefusedRequest => ({
    route: INFERENCE,
    request: {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    },
  });
  const form = (fields: Readonly<Record<string, string>>, media?: Uint8Array<ArrayBuffer>) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    if (media !== undefined) body.set('media', new Blob([media]), 'media.jpg');
    return { route: INFERENCE, request: { method: 'POST', body } };
  };
  const frames = (file: string) =>
    json({ hash: '0'.repeat(64), mediaType: 'IMAGE', metadata: {}, extractedFrames: file });
  const bytes = new TextEncoder().encode(`no picture ${dice}`);
  const all: readonly (() => RefusedRequest)[] = [
    () => json('{'),
    () => json({}),
    () => json({ mediaUrl: 'file:///etc/passwd' }),
    () => frames('/etc/passwd'),
    () => frames(path.join(folder, 'nothing.jpg')),
    () => form({}),
    () => form({}, new Uint8Array()),
    () => form({}, bytes),
    () => form({ hash: '0'.repeat(64) }, bytes),
    () => form({ options: '{"model":"nobody"}' }, bytes),
    () => ({
      route: INFERENCE,
      request: { method: 'POST', body: 'text', headers: { 'content-type': 'text/plain' } },
    }),
    () => ({ route: `${INFERENCE}/${NOBODYS_ID}`, request: {} }),
    () => ({ route: `${INFERENCE}/${NOBODYS_ID}/report`, request: {} }),
    () => ({ route: `${INFERENCE}?status=odd`, request: {} }),
  ];
  const make = all[Math.floor(dice * all.length)] ?? (() => json('{'));
  return make();
}
