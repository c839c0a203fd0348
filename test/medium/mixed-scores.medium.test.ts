import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type {
  InferenceActivities,
  MediaActivities,
  ScoreFacesInput,
} from '../../workflows/contracts/activities.js';
import { lostSegments } from '../../apps/worker/activities/lost-segments.js';
import { ANALYZE_MEDIA } from '../../workflows/contracts/progress.js';
import { PIPELINE_REVISION, type AnalysisRequest } from '../../workflows/contracts/request.js';

const QUEUE = 'mixed-scores';
/** An analysis whose crops the store loses each time. */
const LOSING = 'losing';
const bundle = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));

/** Activities of a fleet in which the worker that scores runs another model than the one that was asked what it runs. */
const activities: MediaActivities & InferenceActivities = {
  describeModel: () =>
    Promise.resolve({
      model: {
        id: 'owner/model',
        revision: 'r',
        weights_sha256: '',
        architecture: '',
        dtype: 'fp32',
        device: 'cpu',
        graph_builder: '',
        input_size: 224,
        processor: {
          resample: 2,
          rescale_factor: 1 / 255,
          image_mean: [0.5, 0.5, 0.5],
          image_std: [0.5, 0.5, 0.5],
        },
        accuracy: null,
        labels: ['Fake', 'Real'],
        fake_label: 'Fake',
        fingerprint: 'aaaa',
      },
      crop: { size: 224, resample: 2 },
    }),
  probeMedia: () =>
    Promise.resolve({
      mediaType: 'VIDEO',
      container: 'mp4',
      codec: 'h264',
      width: 1,
      height: 1,
      durationSeconds: 180,
      frameRate: 25,
      variableFrameRate: false,
      startSeconds: 0,
      rotationDegrees: 0,
      mirrored: false,
      bytes: 1,
    }),
  extractFaces: ({ segment: { index: segment } }) =>
    Promise.resolve({
      segment,
      sampled: 1,
      decoded: 1,
      unreadable: 0,
      withoutFace: 0,
      reused: false,
    }),
  scoreFaces: ({ analysisId, segment, count }: ScoreFacesInput) => {
    if (analysisId === LOSING) throw lostSegments('crops_missing', [segment]);
    return Promise.resolve({
      segment,
      count,
      fingerprint: segment === 1 ? 'bbbb' : 'aaaa',
      maxProbability: 0.5,
      reused: false,
    });
  },
  planCloserLook: () => Promise.reject(new Error('expected no second look')),
  aggregate: () => Promise.reject(new Error('expected no aggregation of mixed scores')),
};

let native: NativeConnection;
let client: Client;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
  const address = inject('temporalAddress');
  native = await NativeConnection.connect({ address });
  client = new Client({ connection: await Connection.connect({ address }) });
  worker = await Worker.create({
    connection: native,
    taskQueue: QUEUE,
    workflowBundle: { codePath: bundle },
    activities,
  });
  running = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await client.connection.close();
  await native.close();
});

const start = (analysisId: string) => {
  const request: AnalysisRequest = {
    analysisId,
    cropsId: analysisId,
    tenant: 'default',
    input: { kind: 'file', key: 'media/x', sha256: 'ab'.repeat(32), bytes: 1 },
    mediaType: null,
    declaredHash: null,
    modelVersion: 'v2',
    pipeline: PIPELINE_REVISION,
    modelFingerprint: 'aaaa',
    queues: { media: QUEUE, inference: QUEUE },
    limits: { segmentsInFlight: 1, segmentsPerRun: 150, maxFrames: 1000 },
  };
  const options = { taskQueue: QUEUE, workflowId: `${QUEUE}-${analysisId}`, args: [request] };
  return client.workflow.start(ANALYZE_MEDIA, options);
};

it('scores of another model than the described one fail the run rather than being averaged', async () => {
  const run = await start('mixed-scores');
  await expect(run.result()).rejects.toMatchObject({
    cause: {
      type: 'model_mismatch',
      message: expect.stringMatching(/segment 1 from the model .* aaaa, but bbbb/) as string,
    },
  });
});

it('a store that loses the crops each time ends the run after two renewals', async () => {
  const run = await start(LOSING);
  await expect(run.result()).rejects.toMatchObject({ cause: { type: 'crops_missing' } });
  const { events } = await run.fetchHistory();
  const steps = (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
  );
  const inTurn = Array.from({ length: 3 }, () => ['extractFaces', 'scoreFaces']).flat();
  expect(steps.slice(2)).toEqual(inTurn);
});
