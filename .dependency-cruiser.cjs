/*
 * The import law: which part may know which. Kept by the architecture test, which also shows that it can fail.
 */
const production = (path) => ({ path, pathNot: '\\.test\\.ts$' });
/** One file each talks to these; the runtime has a second for what is run once, while weights are made. */
const behindOneFile = {
  'onnxruntime-node': 'libs/model/(session|float-program).ts',
  '@huggingface/transformers': 'libs/model/transformers-session.ts',
  '@mediapipe/tasks-vision': 'libs/faces/mediapipe.ts',
  'fluent-ffmpeg': 'libs/media/ffmpeg.ts',
  sharp: 'libs/media/still.ts',
  'libheif-js': 'libs/media/heic-thread.ts',
  '@aws-sdk': 'libs/blobs/s3/bucket.ts',
};

module.exports = {
  forbidden: [
    {
      name: 'workflows-are-pure',
      comment:
        'A workflow must replay the same anywhere: it imports itself and what Temporal gives it.',
      severity: 'error',
      from: production('^workflows/'),
      to: { pathNot: '^workflows/|node_modules/@temporalio/(workflow|common)/' },
    },
    {
      name: 'api-does-no-heavy-work',
      comment:
        'The API starts and answers; what decodes, detects, scores or spawns is the workers’.',
      severity: 'error',
      from: production('^apps/api/'),
      to: {
        path: 'node_modules/(onnxruntime-node|@huggingface/transformers|sharp|@mediapipe|fluent-ffmpeg|@temporalio/worker)/|^(node:)?child_process$',
      },
    },
    {
      name: 'api-imports-what-it-may',
      severity: 'error',
      from: production('^apps/api/'),
      to: {
        path: '^(apps|libs|workflows)/',
        // What a file's first bytes say it is, for people.
        pathNot:
          '^apps/api/|^workflows/|^libs/(blobs|platform|report)/|^libs/media/signature\\.ts$',
      },
    },
    {
      name: 'cli-runs-without-the-service',
      comment:
        'The command line works on models and media; it needs no server, no framework and no worker.',
      severity: 'error',
      from: production('^apps/cli/'),
      to: {
        path: '^(apps|libs|workflows)/|node_modules/(@nestjs|@temporalio)/',
        pathNot: '^apps/cli/|^libs/(media|model|platform|scoring)/',
      },
    },
    {
      name: 'libraries-know-no-framework',
      comment:
        'libs take an AbortSignal and tell their progress; who runs them is not their business.',
      severity: 'error',
      from: production('^libs/(media|faces|model|scoring)/'),
      to: { path: 'node_modules/(@nestjs|@temporalio)/|^(apps|workflows)/' },
    },
    {
      name: 'scoring-is-pure',
      severity: 'error',
      from: production('^libs/scoring/'),
      to: { pathNot: '^libs/scoring/' },
    },
    {
      name: 'apps-do-not-import-each-other',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    ...Object.entries(behindOneFile).map(([library, file]) => ({
      name: `one-file-imports-${library.replace(/\W+/g, '-')}`,
      severity: 'error',
      from: { path: '^(apps|libs|workflows)/', pathNot: `^${file}$|\\.test\\.ts$` },
      to: { path: `node_modules/${library}/` },
    })),
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
};
