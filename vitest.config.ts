import { defineConfig } from 'vitest/config';

/**
 * Three tiers, told apart by file name: `unit` beside the source, `medium` with real ffmpeg, MediaPipe,
 * ONNX Runtime and a Temporal server, `e2e` with the real processes. Medium and e2e files run one after
 * another: they start servers and worker threads, and two cores are all a small CI machine has.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/closing-line-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{apps,libs,workflows,test,scripts,bench}/**/*.unit.test.ts'],
          testTimeout: 20_000,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'medium',
          include: ['test/**/*.medium.test.ts'],
          globalSetup: ['test/medium/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
