import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { serverArguments } from '../../apps/standalone/temporal/server-arguments.js';
import { variables } from '../../libs/platform/config/variables.js';
import { searchAttributeDefinitions } from '../../workflows/contracts/search-attributes.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const isThere = (file: string) => existsSync(path.join(root, file));
const known = Object.keys(variables.shape);

interface Service {
  readonly image: string;
  readonly build?: {
    readonly dockerfile: string;
    readonly target: string;
    readonly args?: Record<string, unknown>;
  };
  readonly environment?: Record<string, unknown>;
  readonly depends_on?: Record<string, { condition: string }>;
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: object;
  readonly read_only?: boolean;
  readonly deploy?: { resources: { limits: { memory: string } } };
}

const composeText = read('docker-compose.yml');
const { services } = parse(composeText, { merge: true }) as { services: Record<string, Service> };
const entries = Object.entries(services);
const own = entries.filter(([, { build }]) => build !== undefined);
const dockerfile = read('docker/Dockerfile').replaceAll(/\\\n/g, ' ');
const stages = [...dockerfile.matchAll(/^FROM (\S+) AS (\S+)/gm)].map(
  ([, from = '', name = '']) => ({
    from,
    name,
  }),
);

/** What our parts read besides our own configuration: that of Temporal's and AWS's clients. */
const CLIENTS_OWN = ['TEMPORAL_API_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

describe('docker-compose.yml', () => {
  it('has every part of the service and what it needs', () => {
    expect(Object.keys(services).sort()).toEqual([
      'api',
      'postgres',
      'temporal',
      'temporal-schema',
      'temporal-setup',
      'temporal-ui',
      'worker-inference',
      'worker-media',
    ]);
  });

  it('pins every image that is not built here', () => {
    const pinned = entries.filter(([, { build }]) => build === undefined);
    expect(pinned.length).toBeGreaterThan(3);
    for (const [name, { image }] of pinned)
      expect(image, name).toMatch(/^[\w./-]+:\d+\.\d+(\.\d+)?(-\w+)?$/);
    expect(services['temporal-setup']?.image).toBe(services['temporal-schema']?.image);
  });

  it('builds the stages that are named as their services', () => {
    expect(own.map(([name]) => name)).toEqual(['api', 'worker-media', 'worker-inference']);
    for (const [name, { build }] of own) {
      expect(build?.target, name).toBe(name);
      expect(isThere(build?.dockerfile ?? ''), name).toBe(true);
      expect(stages.map((stage) => stage.name)).toContain(name);
      for (const argument of Object.keys(build?.args ?? {}))
        expect(dockerfile, name).toMatch(new RegExp(`^ARG ${argument}\\b`, 'm'));
    }
  });

  it('sets only variables that are read', () => {
    for (const [name, { environment = {} }] of own) {
      for (const variable of Object.keys(environment))
        expect([...known, ...CLIENTS_OWN], name).toContain(variable);
    }
  });

  it('passes on every variable that one may set, or sets it', () => {
    // The cache's place inside the container is the image's and the volume's business.
    const fixed = ['HF_HOME', 'HF_HUB_CACHE'];
    const passed = new Set(own.flatMap(([, { environment = {} }]) => Object.keys(environment)));
    expect(known.filter((name) => !passed.has(name))).toEqual(fixed);
  });

  it('waits for services that are there, for those that are healthy only where health is asked', () => {
    for (const { depends_on = {} } of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        expect(services).toHaveProperty([name]);
        if (condition === 'service_healthy')
          expect(services[name]?.healthcheck, name).toBeDefined();
      }
    }
  });

  it('gives every service a limit of memory, and its own parts a file system they cannot change', () => {
    for (const [name, { deploy }] of entries)
      expect(deploy?.resources.limits.memory, name).toBeDefined();
    for (const [name, { read_only }] of own) expect(read_only, name).toBe(true);
  });

  it('shares one data folder among the parts', () => {
    for (const [name, { environment = {}, volumes = [] }] of own) {
      expect(volumes, name).toContain('data:/data');
      expect(environment.DATA_DIR, name).toBe('/data');
    }
  });

  it('registers the search attributes of the service', () => {
    const [script = '', ...attributes] = services['temporal-setup']?.command ?? [];
    expect(attributes).toEqual(searchAttributeDefinitions);
    expect(script).toBe('/setup/setup-namespace.sh');
  });

  it('mounts and runs files that are there', () => {
    for (const [name, { command = [], volumes = [] }] of entries) {
      const mounts = volumes.map((volume) => volume.split(':'));
      for (const [source = ''] of mounts.filter(([from]) => from?.startsWith('./')))
        expect(isThere(source), `${name}: ${source}`).toBe(true);
      const program = command[0] ?? '/setup/dynamic-config.yaml';
      expect(isThere(program.replace('/setup/', 'docker/temporal/')), program).toBe(true);
    }
  });

  it('holds no secret', () => {
    const secrets = [...composeText.matchAll(/^ *(\w*(?:PASSWORD|PWD|TOKEN|API_KEY)): *(.*)$/gm)];
    expect(secrets.length).toBeGreaterThan(3);
    for (const [line, , value = ''] of secrets)
      expect(value, line).toMatch(/^$|^\$\{\w+:\?[^}]+\}$|^\{ environment: \w+ \}$/);
  });
});

describe("the Temporal server's settings", () => {
  it('are those of the standalone service', () => {
    const settings = parse(read('docker/temporal/dynamic-config.yaml')) as Record<
      string,
      { value: number }[]
    >;
    const standalone = serverArguments({ port: 1, uiPort: 2, httpPort: 3, databaseFile: null });
    expect(Object.entries(settings).map(([name, [only]]) => `${name}=${only?.value}`)).toEqual(
      standalone.filter((_, index) => standalone[index - 1] === '--dynamic-config-value'),
    );
  });
});

describe('the Dockerfile', () => {
  it('pins the image it starts from', () => {
    const outside = stages.filter(({ from }) => !stages.some(({ name }) => name === from));
    expect(outside.map(({ from }) => from)).toEqual([
      expect.stringMatching(/^node:\d+\.\d+\.\d+-\w+-slim$/),
    ]);
  });

  it('copies what is there and is not ignored', () => {
    const kept = read('.dockerignore').split('\n');
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
      ([, list = '']) => list.split(/\s+/),
    );
    expect(sources.length).toBeGreaterThan(5);
    for (const source of sources) {
      expect(isThere(source), source).toBe(true);
      expect(kept).toContain(`!${source}`);
    }
  });

  it('runs entry points that are there', () => {
    const run = [...dockerfile.matchAll(/dist\/([\w/-]+)\.js/g)].map(([, entry = '']) => entry);
    expect(new Set(run)).toEqual(
      new Set([
        'apps/worker/workflow-bundle/build',
        'apps/api/main',
        'apps/worker/main',
        'apps/worker/fetch-model',
      ]),
    );
    for (const entry of run) expect(isThere(`${entry}.ts`), entry).toBe(true);
  });

  it('ends every image as a user without rights', () => {
    for (const target of ['api', 'worker-media', 'worker-inference'])
      expect(lastUser(target), target).toBe('1000');
  });

  it('sets only variables that are read', () => {
    const set = [...dockerfile.matchAll(/^ENV (.+)$/gm)].flatMap(([, list = '']) =>
      [...list.matchAll(/(\w+)=/g)].map(([, name = '']) => name),
    );
    // Read by Node's packages, and by the C library.
    const others = ['NODE_ENV', 'MALLOC_ARENA_MAX', 'MALLOC_MMAP_THRESHOLD_'];
    expect(set.filter((name) => !known.includes(name))).toEqual(others);
  });
});

/** The user that a stage ends with, else that of the stage it starts from. */
function lastUser(target: string): string | undefined {
  const stage = stages.find(({ name }) => name === target);
  if (stage === undefined) return undefined;
  const [, body = ''] = dockerfile.split(new RegExp(`^FROM \\S+ AS ${target}$`, 'm'));
  const own = body.split(/^FROM /m)[0] ?? '';
  return [...own.matchAll(/^USER (\S+)$/gm)].at(-1)?.[1] ?? lastUser(stage.from);
}

/** Set to 0 or 1, read as false or true. */
const FLAGS = ['HF_HUB_OFFLINE', 'S3_FORCE_PATH_STYLE'];

describe('.env.example', () => {
  const [service = '', composeOnly = ''] = read('.env.example').split(
    '--- docker-compose.yml only',
  );
  const listed = (part: string) =>
    [...part.matchAll(/^(?:# )?([A-Z][A-Z_0-9]+)=(.*)$/gm)].map(([, name = '', value = '']) => ({
      name,
      value,
    }));

  it('lists exactly the variables that are read', () => {
    expect(listed(service).map(({ name }) => name)).toEqual(known);
  });

  it('names the real defaults', () => {
    const defaults: Record<string, unknown> = variables.parse({});
    const given = listed(service).filter(({ value }) => value !== '');
    expect(given.length).toBeGreaterThan(10);
    // Temporal's own configuration comes before this one.
    const ours = given.filter(({ name }) => name !== 'TEMPORAL_NAMESPACE');
    for (const { name, value } of ours)
      expect(value, name).toBe(FLAGS.includes(name) ? '0' : String(defaults[name]));
  });

  it('lists exactly what docker-compose.yml takes besides', () => {
    const taken = [...composeText.matchAll(/\$\{([A-Z_]+)/g)].map(([, name = '']) => name);
    const others = new Set([...taken, ...CLIENTS_OWN, 'FETCH_MODEL']);
    for (const name of known) others.delete(name);
    expect(
      listed(composeOnly)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...others].sort());
  });
});
