import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type {
  InferenceActivities,
  MediaActivities,
  ScoreFacesInput,
} from '../../workflows/contracts/activities.js';
import { ANALYZE_MEDIA } from '../../workflows/contracts/progress.js';
import { PIPELINE_REVISION, type AnalysisRequest } from '../../workflows/contracts/request.js';

const QUEUE = 'mixed-scores';
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
  scoreFaces: ({ segment, count }: ScoreFacesInput) =>
    Promise.resolve({
      segment,
      count,
      fingerprint: segment === 1 ? 'bbbb' : 'aaaa',
      maxProbability: 0.5,
      reused: false,
    }),
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

it('scores of another model than the described one fail the run rather than being averaged', async () => {
  const sha256 = 'ab'.repeat(32);
  const request: AnalysisRequest = {
    analysisId: 'mixed-scores',
    cropsId: 'mixed-scores',
    tenant: 'default',
    input: { kind: 'file', key: 'media/x', sha256, bytes: 1 },
    mediaType: null,
    declaredHash: null,
    modelVersion: 'v2',
    pipeline: PIPELINE_REVISION,
    modelFingerprint: 'aaaa',
    queues: { media: QUEUE, inference: QUEUE },
  };
  const run = client.workflow.execute(ANALYZE_MEDIA, {
    taskQueue: QUEUE,
    workflowId: QUEUE,
    args: [request],
  });
  await expect(run).rejects.toMatchObject({
    cause: {
      type: 'model_mismatch',
      message: expect.stringMatching(/segment 1 from the model .* aaaa, but bbbb/) as string,
    },
  });
});
