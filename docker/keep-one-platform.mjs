// Removes native binaries for other systems from node_modules: packages that carry all of them make up most of an image.
// node docker/keep-one-platform.mjs linux amd64
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

const [platform, architecture] = process.argv.slice(2);
/** Docker's names of architectures, as Node and as Rust call them. */
const NAMES = {
  amd64: { node: 'x64', rust: 'x86_64' },
  arm64: { node: 'arm64', rust: 'aarch64' },
};
const names = NAMES[architecture];
if (platform !== 'linux' || names === undefined) {
  console.error(
    `expected linux and ${Object.keys(NAMES).join(' or ')}, got "${process.argv.slice(2).join(' ')}"`,
  );
  process.exit(1);
}

keepOnly('node_modules/onnxruntime-node/bin/napi-v6', (name) => name === platform);
keepOnly(`node_modules/onnxruntime-node/bin/napi-v6/${platform}`, (name) => name === names.node);
keepOnly(
  'node_modules/@temporalio/core-bridge/releases',
  (name) => name.startsWith(names.rust) && name.includes(`-${platform}-gnu`),
);

/** A folder where nothing would be kept is laid out differently than known: that must not pass unseen. */
function keepOnly(folder, isKept) {
  const found = existsSync(folder) ? readdirSync(folder) : [];
  if (!found.some(isKept)) {
    console.error(
      `expected a binary for ${platform} ${architecture} in ${folder}, got: ${found.join(', ') || 'nothing'}`,
    );
    process.exit(1);
  }
  for (const name of found.filter((name) => !isKept(name)))
    rmSync(path.join(folder, name), { recursive: true });
}
