/**
 * What a worker process says of itself in its Temporal identity, so that anyone who lists the workers (the API's
 * health check, an operator in the UI) sees what runs where without asking the process.
 */
export interface WorkerIdentity {
  readonly role: 'media' | 'inference';
  readonly state: 'loading' | 'ready';
  readonly host: string;
  readonly pid: number;
  /** The model of an inference worker; a loading one knows only what it was asked to load. */
  readonly model: ModelIdentity | null;
}

export interface ModelIdentity {
  readonly id: string;
  readonly revision: string;
  readonly dtype: string;
  readonly device: string;
  /** Empty while loading, as what follows. */
  readonly fingerprint: string;
  readonly architecture: string;
  /** SHA-256 of the weights. */
  readonly weights: string;
  readonly fakeLabel: string;
  /** Version of what made the graph. */
  readonly graphBuilder: string;
  /** Side in pixels, filter, rescale factor, means and standard deviations. */
  readonly processor: string;
  /** Of a precision below fp32: pictures, largest and mean difference from fp32, bound; as `16,0.0031,0.00082,0.01`. */
  readonly accuracy: string;
}

const MODEL_FIELDS = [
  'id',
  'revision',
  'dtype',
  'device',
  'fingerprint',
  'architecture',
  'weights',
  'fakeLabel',
  'graphBuilder',
  'processor',
  'accuracy',
] as const;

/** `inference/ready/host/123 id=… revision=… dtype=… device=… fingerprint=… …` */
export function formatIdentity(identity: WorkerIdentity): string {
  const { role, state, host, pid, model } = identity;
  const process = [role, state, encodeURIComponent(host), pid].join('/');
  if (model === null) return process;
  const fields = MODEL_FIELDS.map((name) => `${name}=${encodeURI(model[name])}`);
  return [process, ...fields].join(' ');
}

/** Null for the identity of something that is not one of our workers. */
export function parseIdentity(text: string): WorkerIdentity | null {
  const [process = '', ...fields] = text.split(' ');
  const [role, state, host, pid] = process.split('/');
  if (role !== 'media' && role !== 'inference') return null;
  if (state !== 'loading' && state !== 'ready') return null;
  if (host === undefined || pid === undefined || !/^\d+$/.test(pid)) return null;
  const values = new Map(
    fields.map((field) => {
      const equals = field.indexOf('=');
      return [field.slice(0, equals), decodeURI(field.slice(equals + 1))] as const;
    }),
  );
  const value = (name: (typeof MODEL_FIELDS)[number]) => values.get(name) ?? '';
  const model: ModelIdentity | null =
    values.size === 0
      ? null
      : {
          id: value('id'),
          revision: value('revision'),
          dtype: value('dtype'),
          device: value('device'),
          fingerprint: value('fingerprint'),
          architecture: value('architecture'),
          weights: value('weights'),
          fakeLabel: value('fakeLabel'),
          graphBuilder: value('graphBuilder'),
          processor: value('processor'),
          accuracy: value('accuracy'),
        };
  return { role, state, host: decodeURIComponent(host), pid: Number(pid), model };
}
