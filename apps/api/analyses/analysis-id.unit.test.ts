import { describe, expect, it } from 'vitest';
import { analysisIdOf, cropsIdOf, isAnalysisId, type AnalysisIdentity } from './analysis-id.js';

const sha256 = 'ab'.repeat(32);
const file: AnalysisIdentity = {
  tenant: 'default',
  input: { kind: 'file', key: `media/${sha256}`, sha256, bytes: 3 },
  mediaType: null,
  pipeline: '1',
  modelFingerprint: '0123456789abcdef',
};
const frames: AnalysisIdentity = {
  ...file,
  input: { kind: 'frames', sha256, total: 1, frames: [{ index: 0, key: 'media/x' }] },
  mediaType: 'VIDEO',
};

describe('analysisIdOf', () => {
  it('begins with the hash of the media and is the same for the same request', () => {
    expect(analysisIdOf(file)).toMatch(/^abababababababab-[0-9a-f]{16}$/);
    expect(analysisIdOf(file)).toBe(analysisIdOf({ ...file }));
    expect(isAnalysisId(analysisIdOf(file))).toBe(true);
  });

  it('does not depend on what the client calls a file', () => {
    expect(analysisIdOf({ ...file, mediaType: 'VIDEO' })).toBe(analysisIdOf(file));
  });

  it('depends on which frames are looked at, and not on how that was said', () => {
    const ids = [
      null,
      { policy: 'even', frames: 30 } as const,
      { policy: 'fps', fps: 1 } as const,
      { policy: 'fps', fps: 2 } as const,
      { policy: 'keyframes', fps: 1 } as const,
    ].flatMap((sampling) => [
      analysisIdOf({ ...file, sampling }),
      cropsIdOf({ ...file, sampling }),
    ]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(analysisIdOf({ ...file, sampling: null })).toBe(analysisIdOf(file));
    expect(analysisIdOf({ ...file, sampling: { fps: 2, policy: 'fps' } })).toBe(
      analysisIdOf({ ...file, sampling: { policy: 'fps', fps: 2 } }),
    );
  });

  it('is another for another tenant, pipeline, model or kind of frames', () => {
    const ids = [
      file,
      { ...file, tenant: 'other' },
      { ...file, pipeline: '2' },
      { ...file, modelFingerprint: 'f' },
      frames,
      { ...frames, mediaType: 'IMAGE' as const },
    ].map(analysisIdOf);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(['', 'abc', '../etc/passwd', `${'a'.repeat(16)}-${'A'.repeat(16)}`])(
    'does not take %j for an ID',
    (text) => {
      expect(isAnalysisId(text)).toBe(false);
    },
  );
});

describe('cropsIdOf', () => {
  it('is one for all models, begins with the hash of the media and is no analysis’s', () => {
    expect(cropsIdOf({ ...file, modelFingerprint: 'f' } as AnalysisIdentity)).toBe(cropsIdOf(file));
    expect(cropsIdOf(file)).toMatch(/^abababababababab-[0-9a-f]{16}$/);
    expect(cropsIdOf(file)).not.toBe(analysisIdOf(file));
  });

  it('is another for another tenant, pipeline or kind of frames', () => {
    const ids = [
      file,
      { ...file, tenant: 'other' },
      { ...file, pipeline: '2' },
      frames,
      { ...frames, mediaType: 'IMAGE' as const },
    ].map(cropsIdOf);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
