// Brings a fresh checkout to where it runs: Node packages, ffmpeg, the build; for tests Chromium, the Temporal server
// and an S3 server as well. Uses Node's own modules only, as nothing is installed yet. The second time it finds everything there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const LEAST_NODE = [20, 19];

/** @param {{ forTests?: boolean, withMedia?: boolean }} options `withMedia` is whether videos will be decoded */
export function setUp({ forTests = false, withMedia = true } = {}) {
  checkNode();
  installPackages();
  if (withMedia) installProgram('ffmpeg', ['ffmpeg', 'ffprobe'], 'reads and decodes media');
  if (forTests) {
    installProgram(
      'chromium',
      ['chromium'],
      'opens the report in the tests, and brings a GPU in software',
    );
    installLibrary('libvulkan1', 'libvulkan.so.1', 'drives that GPU');
  }
  build();
  if (forTests) {
    run('Looking for the Temporal server', process.execPath, [
      'dist/apps/standalone/temporal/install.js',
    ]);
    run('Looking for an S3 server for the tests', process.execPath, [
      'scripts/install-s3-server.mjs',
    ]);
  }
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  fail(
    `Expected Node.js ${LEAST_NODE.join('.')} or later, got ${process.versions.node}. Install it from https://nodejs.org.`,
  );
}

function installPackages() {
  const lock = sha256(readFileSync(path.join(root, 'package-lock.json')));
  const stamp = path.join(root, 'node_modules', '.setup-stamp');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  run(
    'Installing Node packages (npm ci)',
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      // What runs on the CPU is in the package; its install script would fetch CUDA libraries.
      ONNXRUNTIME_NODE_INSTALL: 'skip',
    },
  );
  writeFileSync(stamp, lock);
}

function installProgram(debianPackage, programs, purpose) {
  const missing = programs.filter((program) => !isOnPath(program));
  if (missing.length > 0) install(debianPackage, missing.join(' and '), purpose);
}

function installLibrary(debianPackage, library, purpose) {
  const folders = ['/usr/lib', '/usr/lib64', '/usr/local/lib'].flatMap((folder) => [
    folder,
    ...['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((machine) => path.join(folder, machine)),
  ]);
  if (process.platform !== 'linux') return;
  if (!folders.some((folder) => existsSync(path.join(folder, library))))
    install(debianPackage, library, purpose);
}

function install(debianPackage, wanted, purpose) {
  const what = `${wanted}, which ${purpose}`;
  if (!isOnPath('apt-get'))
    fail(`Expected ${what}. Install ${debianPackage} with this system's package manager.`);
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo'];
  if (asRoot.length > 0 && !isOnPath('sudo'))
    fail(`Expected ${what}. As root: apt-get install ${debianPackage}`);
  const [command, ...before] = [...asRoot, 'apt-get'];
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  run('Reading the list of Debian packages', command, [...before, 'update', '-qq'], environment);
  run(
    `Installing ${debianPackage}, which ${purpose}`,
    command,
    [...before, 'install', '-y', '-qq', '--no-install-recommends', debianPackage],
    environment,
  );
}

function build() {
  const stamp = path.join(root, 'dist', '.build-stamp');
  const state = sha256(sourceState());
  const bundle = path.join(root, 'dist', 'workflow-bundle.js');
  if (existsSync(stamp) && existsSync(bundle) && readFileSync(stamp, 'utf8') === state) return;
  const compiler = path.join('node_modules', 'typescript', 'bin', 'tsc');
  run('Building', process.execPath, [compiler, '-p', 'tsconfig.build.json']);
  run('Bundling the workflows', process.execPath, ['dist/apps/worker/workflow-bundle/build.js']);
  writeFileSync(stamp, state);
}

/** Names, sizes and times of all that the build reads. */
function sourceState() {
  const files = ['apps', 'libs', 'workflows', 'bench']
    .filter((folder) => existsSync(path.join(root, folder)))
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true }).map((name) =>
        path.join(folder, String(name)),
      ),
    )
    .filter((name) => name.endsWith('.ts'));
  return [...files, 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json']
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(path.join(root, name));
      return `${name} ${size} ${mtimeMs}`;
    })
    .join('\n');
}

function run(what, command, args, environment = {}) {
  const began = Date.now();
  process.stderr.write(`${what} …\n`);
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) fail(`${what} failed:\n${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`);
  process.stderr.write(`  done in ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
}

function isOnPath(program) {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  setUp({ forTests: process.argv.includes('--test') });
