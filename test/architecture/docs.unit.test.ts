import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FAILURE_CODES, NON_RETRYABLE_CODES } from '../../workflows/contracts/failure-codes.js';
import { variables } from '../../libs/platform/config/variables.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const markdown = [
  'README.md',
  'CHANGELOG.md',
  ...inFolder('docs'),
  ...inFolder('models'),
  ...inFolder('demo'),
  ...inFolder('tools'),
];

function inFolder(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true })
    .map((name) => path.join(folder, String(name)))
    .filter((name) => name.endsWith('.md'));
}

describe('the documentation', () => {
  it('lists every variable that is read, and no other', () => {
    const table = read('README.md').split('## Configuration')[1]?.split('\n## ')[0] ?? '';
    const listed = [...table.matchAll(/^\| `([A-Z_0-9]+)`/gm)].map((match) => match[1]);
    expect(listed).toEqual(Object.keys(variables.shape));
  });

  it('names the real defaults', () => {
    const row = (name: string) =>
      new RegExp(`^\\| \`${name}\` +\\| ([^|]*) \\|`, 'm').exec(read('README.md'))?.[1]?.trim();
    const defaults = variables.parse({});
    for (const name of [
      'PORT',
      'HOST',
      'SYNC_WAIT_SECONDS',
      'MAX_UPLOAD_BYTES',
      'MAX_MEDIA_SECONDS',
      'MAX_FRAMES',
      'MAX_PIXELS',
      'MAX_STREAMS',
      'PROBE_TIMEOUT_SECONDS',
      'DECODER_THREADS',
      'DECODER_MEMORY_BYTES',
      'DECODER_STALL_SECONDS',
      'DECODER_TIMEOUT_SECONDS',
      'MODEL_ID',
      'MODEL_REVISION',
      'MODEL_DTYPE',
      'DEVICE',
      'HF_ENDPOINT',
      'DATA_DIR',
      'ANALYSIS_DEADLINE_SECONDS',
      'SEGMENT_TRIES',
      'SHUTDOWN_GRACE_SECONDS',
      'LOG_LEVEL',
    ] as const) {
      expect(row(name), name).toBe(String(defaults[name]));
    }
  });

  it('tells operators what each failure code means, and of no other', () => {
    const table = read('docs/operations.md').split('## Failure codes')[1]?.split('\n## ')[0] ?? '';
    const rows = [...table.matchAll(/^\| `([a-z_]+)` +\| (yes|no) /gm)];
    expect(rows.map(([, code]) => code).sort()).toEqual([...FAILURE_CODES].sort());
    const once = rows.filter(([, , tries]) => tries === 'no').map(([, code]) => code);
    // The deadline is the workflow's own: there is nothing to try again.
    expect(once.sort()).toEqual([...NON_RETRYABLE_CODES, 'deadline_exceeded'].sort());
  });

  it.each(markdown)('%s links to what is there', (file) => {
    for (const [, target = ''] of read(file).matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(existsSync(path.join(root, path.dirname(file), target)), target).toBe(true);
    }
  });

  it.each(['README.md', 'docs/architecture.md', 'docs/models.md', 'docs/operations.md'])(
    '%s names files and commands that are there',
    (file) => {
      const text = read(file);
      const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> })
        .scripts;
      for (const [, name = ''] of text.matchAll(/npm run (?:--silent )?([\w:-]+)/g))
        expect(scripts, name).toHaveProperty([name]);
      for (const [, name = ''] of text.matchAll(
        /`((?:apps|libs|workflows|test|tools|scripts|bench|docs)\/[\w./-]+?)\/?`/g,
      )) {
        expect(existsSync(path.join(root, name)) || name.startsWith('bench/results'), name).toBe(
          true,
        );
      }
      for (const [, name = ''] of text.matchAll(/node dist\/([\w./-]+)\.js/g)) {
        expect(existsSync(path.join(root, `${name}.ts`)), name).toBe(true);
      }
    },
  );
});
