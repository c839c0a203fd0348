import { availableParallelism, homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { parseApiKeys } from './api-keys.js';
import { parseHostList } from './host-list.js';
import { DEVICES, DTYPES, parseModelList } from './model-list.js';
import { cachedWorkflows, mediaSlots, thisMachine } from './slots.js';

const MEGABYTE = 1024 * 1024;

const wholeNumber = (what: string, least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `expected ${what} as a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine(
      (value) => value >= least && value <= most,
      `expected ${what} as a whole number from ${least} to ${most}`,
    );

const folderList = z
  .string()
  .transform((value) => value.split(path.delimiter).filter((folder) => folder !== ''))
  .refine(
    (folders) => folders.every((folder) => path.isAbsolute(folder)),
    `expected absolute folders separated by "${path.delimiter}"`,
  );

const flag = z
  .enum(['0', '1', 'true', 'false', 'yes', 'no', 'on', 'off'], 'expected 1 or 0')
  .transform((value) => ['1', 'true', 'yes', 'on'].includes(value));

const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, `expected ${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`);

const modelList = z.string().transform((text, context) =>
  parseModelList(text, (message) => {
    context.addIssue({ code: 'custom', message });
  }),
);

const hostList = z.string().transform((text, context) =>
  parseHostList(text, (message) => {
    context.addIssue({ code: 'custom', message });
  }),
);

const apiKeyList = z.string().transform((text, context) =>
  parseApiKeys(text, (message) => {
    context.addIssue({ code: 'custom', message });
  }),
);

const portList = z
  .string()
  .transform((text) => text.split(',').map((port) => port.trim()))
  .refine(
    (ports) => ports.every((port) => /^\d{1,5}$/.test(port) && Number(port) <= 65_535),
    'expected TCP ports separated by commas',
  )
  .transform((ports) => ports.map(Number));

const NO_HOSTS = { hosts: [], domains: [], networks: [] };

const url = z.url({ protocol: /^https?$/, error: 'expected an http(s) URL' });

/** Every environment variable the service reads, with its check and its default. */
export const variables = z.object({
  PORT: wholeNumber('a TCP port', 0, 65_535).default(5000),
  HOST: z.string().min(1, 'expected a host name or address').default('127.0.0.1'),
  API_KEYS: apiKeyList.default([]),
  SYNC_WAIT_SECONDS: wholeNumber('seconds', 0, 300).default(15),
  MAX_UPLOAD_BYTES: wholeNumber('bytes', 1, 1024 ** 5).default(2048 * MEGABYTE),
  MAX_CONCURRENT_UPLOADS: wholeNumber('uploads', 1, 10_000).default(64),
  MAX_BACKLOG: wholeNumber('analyses', 1, 1_000_000).default(1000),
  MAX_WAITERS: wholeNumber('requests', 0, 1000).default(200),
  MEDIA_ROOTS: folderList.default([]),
  MEDIA_URL: oneOf(['public', 'listed', 'off']).default('public'),
  MEDIA_URL_ALLOW: hostList.default(NO_HOSTS),
  MEDIA_URL_DENY: hostList.default(NO_HOSTS),
  MEDIA_URL_PORTS: portList.default([80, 443]),
  MEDIA_URL_MAX_REDIRECTS: wholeNumber('redirects', 0, 20).default(5),
  MEDIA_URL_CONNECT_SECONDS: wholeNumber('seconds', 1, 300).default(10),
  MEDIA_URL_ANSWER_SECONDS: wholeNumber('seconds', 1, 300).default(20),
  MEDIA_URL_TOTAL_SECONDS: wholeNumber('seconds', 1, 86_400).default(300),
  MEDIA_URL_MIN_BYTES_PER_SECOND: wholeNumber('bytes per second', 1, 1024 ** 3).default(10_000),
  MEDIA_URL_SLOW_SECONDS: wholeNumber('seconds', 1, 3600).default(15),
  MAX_MEDIA_SECONDS: wholeNumber('seconds', 1, 86_400).default(14_400),
  MAX_FRAMES: wholeNumber('frames', 1, 100_000).default(20_000),
  MAX_PIXELS: wholeNumber('pixels', 1, 1_000_000_000).default(100_000_000),
  MAX_STREAMS: wholeNumber('streams', 1, 10_000).default(100),
  // The activity that probes has 30 seconds.
  PROBE_TIMEOUT_SECONDS: wholeNumber('seconds', 1, 25).default(20),
  DECODER_THREADS: wholeNumber('threads', 1, 64).default(2),
  // Less than half a gigabyte of address space, and ffmpeg doesn't even start.
  DECODER_MEMORY_BYTES: wholeNumber('bytes', 1024 ** 3, 1024 ** 5).default(4 * 1024 ** 3),
  DECODER_STALL_SECONDS: wholeNumber('seconds', 1, 600).default(60),
  // The activity that decodes a segment has 20 minutes.
  DECODER_TIMEOUT_SECONDS: wholeNumber('seconds', 1, 1140).default(900),
  FACE_THREADS: wholeNumber('threads', 1, 256).default(Math.min(4, availableParallelism())),
  MEDIA_SLOTS: wholeNumber('activities', 1, 1000).default(() => mediaSlots(thisMachine())),
  CACHED_WORKFLOWS: wholeNumber('workflows', 2, 10_000).default(() =>
    cachedWorkflows(thisMachine()),
  ),
  ANALYSES_IN_FLIGHT: wholeNumber('analyses', 1, 10_000).optional(),
  MODEL_ID: z
    .string()
    .min(1, 'expected owner/name')
    .default('prithivMLmods/Deepfake-Detect-Siglip2'),
  MODEL_REVISION: z.string().min(1, 'expected a branch, tag or commit').default('main'),
  MODEL_PATH: z.string().min(1, 'expected a folder').optional(),
  MODEL_DTYPE: oneOf(DTYPES).default('fp32'),
  DEVICE: oneOf(DEVICES).default('cpu'),
  MODEL_FAKE_LABEL: z.string().min(1, 'expected a label').optional(),
  MODEL_ACCURACY_GATE: oneOf(['refuse', 'warn']).default('refuse'),
  MODELS: modelList.default([]),
  INFERENCE_THREADS: wholeNumber('threads', 1, 256).default(availableParallelism()),
  INFERENCE_SLOTS: wholeNumber('activities', 1, 1000).optional(),
  HF_ENDPOINT: url.default('https://huggingface.co'),
  HF_HOME: z
    .string()
    .min(1, 'expected a folder')
    .default(path.join(homedir(), '.cache', 'huggingface')),
  HF_HUB_CACHE: z.string().min(1, 'expected a folder').optional(),
  HF_TOKEN: z.string().min(1, 'expected a token').optional(),
  HF_HUB_OFFLINE: flag.default(false),
  HUB_WAIT_SECONDS: wholeNumber('seconds', 0, 86_400).default(300),
  DATA_DIR: z.string().min(1, 'expected a folder').default('.data'),
  S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'expected the name of a bucket')
    .optional(),
  S3_ENDPOINT: url.optional(),
  S3_REGION: z.string().min(1, 'expected a region').optional(),
  S3_PREFIX: z
    .string()
    .regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*\/?$/, 'expected names separated by "/"')
    .optional(),
  S3_FORCE_PATH_STYLE: flag.default(false),
  S3_MAX_ATTEMPTS: wholeNumber('attempts', 1, 20).default(5),
  S3_TIMEOUT_SECONDS: wholeNumber('seconds', 1, 3600).default(30),
  S3_CACHE_BYTES: wholeNumber('bytes', 0, 1024 ** 5).default(4096 * MEGABYTE),
  RETENTION_DAYS: wholeNumber('days', 0, 36_500).default(0),
  LEFTOVER_HOURS: wholeNumber('hours', 1, 8_760).default(24),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s/]+:\d+$/, 'expected host:port')
    .optional(),
  TEMPORAL_NAMESPACE: z.string().min(1, 'expected a namespace').optional(),
  TEMPORAL_UI_URL: url.optional(),
  TASK_QUEUE_PREFIX: z
    .string()
    .regex(/^[\w.-]*$/, 'expected letters, digits, dot, dash and underscore')
    .default(''),
  ANALYSIS_DEADLINE_SECONDS: wholeNumber('seconds', 1, 2_592_000).default(86_400),
  SEGMENTS_IN_FLIGHT: wholeNumber('segments', 1, 1000).optional(),
  SEGMENT_TRIES: wholeNumber('tries', 1, 100).default(10),
  WORKER_DEPLOYMENT_NAME: z
    .string()
    .regex(/^[\w-][\w-]*$/, 'expected letters, digits, dash and underscore')
    .optional(),
  WORKER_BUILD_ID: z
    .string()
    .regex(/^[\w.-]+$/, 'expected letters, digits, dot, dash and underscore')
    .optional(),
  WORKER_VERSIONING: oneOf(['pinned', 'auto-upgrade']).default('pinned'),
  SHUTDOWN_GRACE_SECONDS: wholeNumber('seconds', 1, 3600).default(10),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export type Variables = z.output<typeof variables>;
