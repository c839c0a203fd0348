import path from 'node:path';
import type { ApiKey } from './api-keys.js';
import type { HostList } from './host-list.js';
import type { Device, Dtype } from './model-list.js';
import { modelsOf } from './models.js';
import { variables, type Variables } from './variables.js';

/** The service's configuration, parsed once at a process's start. Folders are absolute. */
export interface Config {
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly syncWaitSeconds: number;
    readonly maxUploadBytes: number;
    /** Where people find Temporal's UI; for links only. */
    readonly temporalUiUrl: string | null;
  };
  /** Who may ask; none = everyone, as one tenant. */
  readonly apiKeys: readonly ApiKey[];
  /** How much is taken at once. */
  readonly admission: {
    /** Uploads and downloads that one API process takes at a time. */
    readonly maxUploads: number;
    /** Analyses under way, of all API processes together, beyond which no other is begun. */
    readonly maxBacklog: number;
    /** Requests of one API process that wait for their analysis. */
    readonly maxWaiters: number;
  };
  /** Where media that a request names by URL may come from, and how long that may take. */
  readonly mediaUrl: {
    /** `public`: any public host and what `allow` names; `listed`: what `allow` names alone. */
    readonly from: 'public' | 'listed' | 'off';
    readonly allow: HostList;
    readonly deny: HostList;
    readonly ports: readonly number[];
    readonly maxRedirects: number;
    /** Each for the name, and then for the connection with its TLS, of each hop. */
    readonly connectSeconds: number;
    /** From the request to the end of the answer's head, of each hop. */
    readonly answerSeconds: number;
    /** Over all hops, to the last byte. */
    readonly totalSeconds: number;
    /** Fewer, on average over `slowSeconds`, and the download is given up. */
    readonly minBytesPerSecond: number;
    readonly slowSeconds: number;
  };
  readonly temporal: {
    /** Null = what Temporal's own environment configuration says, else localhost:7233. */
    readonly address: string | null;
    readonly namespace: string | null;
    readonly taskQueuePrefix: string;
  };
  /** The default model first, then those of MODELS. */
  readonly models: readonly ModelSettings[];
  /** Where models that are not folders come from. */
  readonly hub: {
    readonly endpoint: string;
    readonly cacheDir: string;
    readonly token: string | null;
    readonly offline: boolean;
    readonly waitSeconds: number;
  };
  /** What happens when a lower precision's answers are further from fp32's than they may be. */
  readonly accuracyGate: 'refuse' | 'warn';
  readonly media: {
    /** Folders that `extractedFrames` may name; none = none may be named. */
    readonly roots: readonly string[];
    readonly maxSeconds: number;
    /** Samples of one analysis. */
    readonly maxFrames: number;
    readonly maxPixels: number;
    /** Streams of one container. */
    readonly maxStreams: number;
    /** How long reading what a file is may take. */
    readonly probeTimeoutMs: number;
    /** What one process that decodes may use. */
    readonly decoder: {
      readonly threads: number;
      readonly memoryBytes: number;
      readonly stallTimeoutMs: number;
      readonly timeoutMs: number;
    };
    readonly faceThreads: number;
  };
  /** How much a worker process works on at once, and keeps in memory. */
  readonly worker: {
    /** Activities on media; each may have a decoder of its own. */
    readonly mediaSlots: number;
    /** Runs between their tasks. */
    readonly cachedWorkflows: number;
    /** Runs of short media under way at once, others wait on the server; null = as many as there are processors for. */
    readonly analysesInFlight: number | null;
    /** Activities of each model; each holds the crops of one segment. */
    readonly inferenceSlots: number;
  };
  /** Bounds of one analysis. */
  readonly analysis: {
    /** From its start to its end, waiting included. */
    readonly deadlineSeconds: number;
    /** Segments of one analysis under way at once; null = two for each media worker. */
    readonly segmentsInFlight: number | null;
    /** Of one segment's work, before the analysis fails. */
    readonly segmentTries: number;
  };
  readonly dataDir: string;
  /** The bucket that media, crops and results are in; null = they are in a folder of `dataDir`. */
  readonly s3: S3Config | null;
  readonly retention: {
    /** Age at which media, crops and results are deleted; null = never. */
    readonly days: number | null;
    /** Age at which what dead writers left is deleted. */
    readonly leftoverHours: number;
  };
  /** Which build of the service a worker is, for Temporal's Worker Versioning; null = workers are all alike to the server. */
  readonly workerVersion: WorkerVersionConfig | null;
  readonly shutdownGraceSeconds: number;
  readonly logLevel: Variables['LOG_LEVEL'];
}

export interface WorkerVersionConfig {
  readonly deploymentName: string;
  readonly buildId: string;
  /** Whether a run ends with the build that it began with, or goes on with the one that is current. */
  readonly behavior: 'pinned' | 'auto-upgrade';
}

/** Credentials are found as the AWS tools find them. */
export interface S3Config {
  readonly bucket: string;
  /** Null = Amazon's own. */
  readonly endpoint: string | null;
  /** Null = what the AWS configuration says. */
  readonly region: string | null;
  /** Goes before every key: empty, or ending in "/". */
  readonly prefix: string;
  readonly forcePathStyle: boolean;
  readonly maxAttempts: number;
  readonly timeoutSeconds: number;
  /** Most bytes of copies on this machine that nobody uses. */
  readonly cacheBytes: number;
}

/** One model that can be asked for. */
export interface ModelSettings {
  /** Its name in requests, logs and queues; `default` for the one that runs when none is named. */
  readonly alias: string;
  /** `owner/name` on the hub; not used with a `path`. */
  readonly modelId: string;
  readonly revision: string;
  /** A local folder instead. */
  readonly path: string | null;
  readonly dtype: Dtype;
  readonly device: Device;
  /** The label that means "fake"; null = decided by the labels' words. */
  readonly fakeLabel: string | null;
  /** Threads of one worker. */
  readonly threads: number;
}

/** Names every wrong variable at once, with what was expected and what came. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Never shown, whatever is wrong with them. */
const SECRET = /TOKEN|KEY|SECRET|PASSWORD/;

/**
 * @param environment usually `process.env`; an empty value counts as not set
 * @throws ConfigError listing all wrong variables
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = variables.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      const value = SECRET.test(name) ? 'a value' : `"${given[name] ?? ''}"`;
      return `  ${name}: ${issue.message}; got ${value}`;
    });
    throw new ConfigError(`The configuration is wrong:\n${problems.join('\n')}`);
  }
  return toConfig(parsed.data, given.HOST);
}

/** {@link parseConfig} of this process's environment: the one place where it is read. */
export function loadConfig(): Config {
  return parseConfig(process.env);
}

/** Behind keys the service is there for other hosts; without, for this one alone. */
const HOST_BEHIND_KEYS = '0.0.0.0';

/** @param host what HOST was set to, if anything */
function toConfig(v: Variables, host: string | undefined): Config {
  return {
    http: {
      host: host ?? (v.API_KEYS.length > 0 ? HOST_BEHIND_KEYS : v.HOST),
      port: v.PORT,
      syncWaitSeconds: v.SYNC_WAIT_SECONDS,
      maxUploadBytes: v.MAX_UPLOAD_BYTES,
      temporalUiUrl: v.TEMPORAL_UI_URL ?? null,
    },
    apiKeys: v.API_KEYS,
    admission: {
      maxUploads: v.MAX_CONCURRENT_UPLOADS,
      maxBacklog: v.MAX_BACKLOG,
      maxWaiters: v.MAX_WAITERS,
    },
    mediaUrl: {
      from: v.MEDIA_URL,
      allow: v.MEDIA_URL_ALLOW,
      deny: v.MEDIA_URL_DENY,
      ports: v.MEDIA_URL_PORTS,
      maxRedirects: v.MEDIA_URL_MAX_REDIRECTS,
      connectSeconds: v.MEDIA_URL_CONNECT_SECONDS,
      answerSeconds: v.MEDIA_URL_ANSWER_SECONDS,
      totalSeconds: v.MEDIA_URL_TOTAL_SECONDS,
      minBytesPerSecond: v.MEDIA_URL_MIN_BYTES_PER_SECOND,
      slowSeconds: v.MEDIA_URL_SLOW_SECONDS,
    },
    temporal: {
      address: v.TEMPORAL_ADDRESS ?? null,
      namespace: v.TEMPORAL_NAMESPACE ?? null,
      taskQueuePrefix: v.TASK_QUEUE_PREFIX,
    },
    models: modelsOf(v),
    hub: {
      endpoint: v.HF_ENDPOINT,
      cacheDir: path.resolve(v.HF_HUB_CACHE ?? path.join(v.HF_HOME, 'hub')),
      token: v.HF_TOKEN ?? null,
      offline: v.HF_HUB_OFFLINE,
      waitSeconds: v.HUB_WAIT_SECONDS,
    },
    accuracyGate: v.MODEL_ACCURACY_GATE,
    media: {
      roots: v.MEDIA_ROOTS,
      maxSeconds: v.MAX_MEDIA_SECONDS,
      maxFrames: v.MAX_FRAMES,
      maxPixels: v.MAX_PIXELS,
      maxStreams: v.MAX_STREAMS,
      probeTimeoutMs: v.PROBE_TIMEOUT_SECONDS * 1000,
      decoder: {
        threads: v.DECODER_THREADS,
        memoryBytes: v.DECODER_MEMORY_BYTES,
        stallTimeoutMs: v.DECODER_STALL_SECONDS * 1000,
        timeoutMs: v.DECODER_TIMEOUT_SECONDS * 1000,
      },
      faceThreads: v.FACE_THREADS,
    },
    worker: {
      mediaSlots: v.MEDIA_SLOTS,
      cachedWorkflows: v.CACHED_WORKFLOWS,
      analysesInFlight: v.ANALYSES_IN_FLIGHT ?? null,
      inferenceSlots: v.INFERENCE_SLOTS ?? v.INFERENCE_THREADS + 2,
    },
    analysis: {
      deadlineSeconds: v.ANALYSIS_DEADLINE_SECONDS,
      segmentsInFlight: v.SEGMENTS_IN_FLIGHT ?? null,
      segmentTries: v.SEGMENT_TRIES,
    },
    dataDir: path.resolve(v.DATA_DIR),
    s3: s3Of(v),
    retention: {
      days: v.RETENTION_DAYS === 0 ? null : v.RETENTION_DAYS,
      leftoverHours: v.LEFTOVER_HOURS,
    },
    workerVersion: workerVersionOf(v),
    shutdownGraceSeconds: v.SHUTDOWN_GRACE_SECONDS,
    logLevel: v.LOG_LEVEL,
  };
}

function workerVersionOf(v: Variables): WorkerVersionConfig | null {
  const { WORKER_DEPLOYMENT_NAME: deploymentName, WORKER_BUILD_ID: buildId } = v;
  if (deploymentName === undefined && buildId === undefined) return null;
  if (deploymentName === undefined || buildId === undefined) {
    const [missing, given] =
      buildId === undefined
        ? ['WORKER_BUILD_ID', 'WORKER_DEPLOYMENT_NAME']
        : ['WORKER_DEPLOYMENT_NAME', 'WORKER_BUILD_ID'];
    throw new ConfigError(
      `The configuration is wrong:\n  ${given}: expected ${missing} with it, got none: set both, or neither`,
    );
  }
  return { deploymentName, buildId, behavior: v.WORKER_VERSIONING };
}

function s3Of(v: Variables): S3Config | null {
  if (v.S3_BUCKET === undefined) {
    if (v.S3_ENDPOINT === undefined) return null;
    throw new ConfigError(
      'The configuration is wrong:\n  S3_ENDPOINT: expected S3_BUCKET with it, got none: set the bucket, or take the endpoint away',
    );
  }
  return {
    bucket: v.S3_BUCKET,
    endpoint: v.S3_ENDPOINT ?? null,
    // Other servers than Amazon's have no regions, but their clients must name one.
    region: v.S3_REGION ?? (v.S3_ENDPOINT === undefined ? null : 'us-east-1'),
    prefix: v.S3_PREFIX === undefined ? '' : `${v.S3_PREFIX.replace(/\/$/, '')}/`,
    forcePathStyle: v.S3_FORCE_PATH_STYLE,
    maxAttempts: v.S3_MAX_ATTEMPTS,
    timeoutSeconds: v.S3_TIMEOUT_SECONDS,
    cacheBytes: v.S3_CACHE_BYTES,
  };
}
