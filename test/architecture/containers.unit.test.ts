import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { variables } from '../../libs/platform/config/variables.js';
import { searchAttributeDefinitions } from '../../workflows/contracts/search-attributes.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const known = Object.keys(variables.shape);

interface Compose {
  services: Record<
    string,
    {
      image?: string;
      build?: { dockerfile: string; target: string };
      environment?: Record<string, unknown>;
      depends_on?: Record<string, unknown>;
    }
  >;
}
const { services } = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const dockerfile = read('docker/Dockerfile');

describe('docker-compose.yml', () => {
  it('pins every image that is not built here', () => {
    for (const [name, { image, build }] of Object.entries(services)) {
      if (build === undefined) expect(image, name).toMatch(/^[\w./-]+:\d+\.\d+(\.\d+)?$/);
    }
  });

  it('builds stages that the Dockerfile has', () => {
    const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)/gm)].map((match) => match[1]);
    const targets = Object.values(services).flatMap(({ build }) => build?.target ?? []);
    expect(targets.sort()).toEqual(['api', 'worker-inference', 'worker-media']);
    for (const target of targets) expect(stages).toContain(target);
  });

  it('sets only variables that are read', () => {
    for (const name of ['api', 'worker-media', 'worker-inference']) {
      for (const variable of Object.keys(services[name]?.environment ?? {}))
        expect(known, name).toContain(variable);
    }
  });

  it('waits for services that are there', () => {
    for (const { depends_on } of Object.values(services)) {
      for (const name of Object.keys(depends_on ?? {})) expect(services).toHaveProperty([name]);
    }
  });
});

describe('the container files', () => {
  it('register the search attributes of the service', () => {
    const script = read('docker/temporal/setup-namespace.sh');
    const registered = [...script.matchAll(/^ {2}(\w+=\w+)(?: \\|;)/gm)].map((match) => match[1]);
    expect(registered).toEqual(searchAttributeDefinitions);
  });

  it('copy and run what is there', () => {
    for (const [, sources = ''] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
      for (const source of sources.split(' '))
        expect(existsSync(path.join(root, source)), source).toBe(true);
    }
    for (const [, entry = ''] of dockerfile.matchAll(/dist\/([\w/-]+)\.js/g)) {
      expect(existsSync(path.join(root, `${entry}.ts`)), entry).toBe(true);
    }
  });
});

describe('.env.example', () => {
  it('lists exactly the variables that are read', () => {
    const listed = [...read('.env.example').matchAll(/^#([A-Z_0-9]+)=/gm)].map((match) => match[1]);
    expect(listed.filter((name) => name !== 'POSTGRES_PASSWORD' && name !== 'FETCH_MODEL')).toEqual(
      known,
    );
  });
});
