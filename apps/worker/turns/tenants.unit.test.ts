import { describe, expect, it } from 'vitest';
import { Tenants } from './tenants.js';

const waitOf = async (tenants: Tenants, tenant: string) => {
  const began = performance.now();
  await tenants.turn(tenant);
  return performance.now() - began;
};
/** Tenants of which one has had that many runs, and has one under way. */
const flooded = (runs: number) => {
  const tenants = new Tenants();
  for (let i = 0; i < runs; i += 1) {
    if (i > 0) tenants.ended('many');
    tenants.began('many');
  }
  return tenants;
};

describe('Tenants', () => {
  it('hold up nobody who is alone, nor anybody for one who has had as much', async () => {
    const tenants = flooded(20);
    expect(await waitOf(tenants, 'many')).toBeLessThan(20);
    expect(await waitOf(tenants, 'few')).toBeLessThan(20);
    for (let i = 0; i < 9; i += 1) tenants.began('half');
    expect(await waitOf(tenants, 'many')).toBeLessThan(20);
  });

  it('let one who has had much give way to one who has had little, until its run has ended', async () => {
    const tenants = flooded(20);
    tenants.began('few');
    const waited = waitOf(tenants, 'many');
    setTimeout(() => {
      tenants.ended('few');
    }, 60);
    expect(await waitOf(tenants, 'few')).toBeLessThan(20);
    expect(await waited).toBeGreaterThan(50);
    expect(await waitOf(tenants, 'many')).toBeLessThan(20);
  });

  it('let nobody wait for long', async () => {
    const tenants = flooded(20);
    tenants.began('few');
    const waited = await waitOf(tenants, 'many');
    expect(waited).toBeGreaterThan(140);
    expect(waited).toBeLessThan(400);
  });
});
