import { totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parseConfig } from './config.js';
import { usableMemory } from './machine.js';
import { cachedWorkflows, lanesOf, mediaSlots } from './slots.js';

const GB = 1024 ** 3;

describe('slots', () => {
  it.each([
    [2, 24, 4],
    [2, 4, 4],
    [16, 64, 18],
    // Memory decides.
    [16, 8, 14],
    [64, 4, 6],
    [4, 2, 2],
    [2, 0.5, 1],
  ])('of %d cores and %d GB are %d', (cores, gigabytes, slots) => {
    expect(mediaSlots({ cores, memory: gigabytes * GB })).toBe(slots);
  });

  it.each([
    [4, 3, 1],
    [6, 4, 2],
    [18, 10, 8],
    [2, 1, 1],
    [1, 1, 1],
  ])('%d are %d for what somebody waits for and %d for long media', (slots, short, batch) => {
    expect(lanesOf(slots)).toEqual({ short, batch });
  });

  it('keep fewer runs in memory where it is scarce', () => {
    const of = (gigabytes: number) => cachedWorkflows({ cores: 2, memory: gigabytes * GB });
    expect([24, 4, 2, 1, 0.01].map(of)).toEqual([100, 100, 64, 32, 2]);
  });

  it('are what the environment says where it does', () => {
    const { worker } = parseConfig({
      ...{ MEDIA_SLOTS: '7', CACHED_WORKFLOWS: '30' },
      ...{ INFERENCE_THREADS: '3' },
    });
    expect(worker).toEqual({
      mediaSlots: 7,
      cachedWorkflows: 30,
      inferenceSlots: 5,
      analysesInFlight: null,
    });
    expect(parseConfig({ ANALYSES_IN_FLIGHT: '6' }).worker.analysesInFlight).toBe(6);
    expect(() => parseConfig({ ANALYSES_IN_FLIGHT: '0' })).toThrow(/ANALYSES_IN_FLIGHT/);
    expect(parseConfig({ INFERENCE_SLOTS: '9' }).worker.inferenceSlots).toBe(9);
    expect(() => parseConfig({ MEDIA_SLOTS: '0' })).toThrow(/MEDIA_SLOTS: .* got "0"/);
  });
});

describe('usableMemory', () => {
  it('is no more than the machine has', () => {
    expect(usableMemory()).toBeGreaterThan(0);
    expect(usableMemory()).toBeLessThanOrEqual(totalmem());
  });
});
