import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Modules that only one file may import (the runtime: a second, while weights are made): native code and child processes live behind one file each. */
const behindOneFile = {
  'onnxruntime-node': ['libs/model/session.ts', 'libs/model/float-program.ts'],
  '@huggingface/transformers': ['libs/model/transformers-session.ts'],
  '@mediapipe/tasks-vision': ['libs/faces/mediapipe.ts'],
  'fluent-ffmpeg': ['libs/media/ffmpeg.ts'],
  sharp: ['libs/media/still.ts'],
  'libheif-js/wasm-bundle.js': ['libs/media/heic-thread.ts'],
  '@aws-sdk/client-s3': ['libs/blobs/s3/bucket.ts'],
  '@aws-sdk/lib-storage': ['libs/blobs/s3/bucket.ts'],
};

const restrict = (names, message) => ({
  'no-restricted-imports': ['error', { paths: names.map((name) => ({ name, message })) }],
});

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.data/', '.cache/', 'test/fixtures/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
    },
  },
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts', 'workflows/**/*.ts'],
    ignores: [...Object.values(behindOneFile).flat(), '**/*.test.ts'],
    rules: restrict(
      Object.keys(behindOneFile),
      'This library is imported by the files named in eslint.config.js only; use those.',
    ),
  },
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts', 'workflows/**/*.ts'],
    ignores: ['libs/platform/config/**', 'apps/standalone/**', '**/*.test.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Read the environment in libs/platform/config only.',
        },
      ],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        fetch: 'readonly',
        FormData: 'readonly',
        Blob: 'readonly',
        AbortController: 'readonly',
        URL: 'readonly',
        module: 'writable',
      },
    },
  },
  { files: ['**/*.test.ts'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  prettier,
);
