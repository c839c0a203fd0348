import { describe, expect, it } from 'vitest';
import type { AnalysisResult } from '../../../workflows/contracts/result.js';
import { personalResult } from './personal-result.js';

/** A stored result, as far as it matters here. */
const stored = {
  video_score: 12.34,
  model_version: 'first',
  flags: ['demo_model'],
  timeline: [{ frame: 0, t: null, p: 0.1234567890123456, box: null, track: null }],
  media: { sha256: 'a', declared_hash: 'first', media_type: 'VIDEO' },
} as unknown as AnalysisResult;

describe('personalResult', () => {
  it('echoes this request and not the one that asked first', () => {
    const result = personalResult(stored, {
      declaredMediaType: 'VIDEO',
      declaredHash: 'second',
      modelVersion: 'v9',
    });
    expect(result.model_version).toBe('v9');
    expect(result.media.declared_hash).toBe('second');
    expect(result.flags).toEqual(['demo_model']);
  });

  it('flags a declared type that the content contradicts, and only that', () => {
    const flags = (declaredMediaType: 'IMAGE' | 'VIDEO' | null) =>
      personalResult(stored, { declaredMediaType, declaredHash: null, modelVersion: 'v2' }).flags;
    expect(flags('IMAGE')).toEqual(['demo_model', 'declared_media_type_mismatch']);
    expect(flags('VIDEO')).toEqual(['demo_model']);
    expect(flags(null)).toEqual(['demo_model']);
  });

  it('touches no number', () => {
    const { video_score, timeline } = personalResult(stored, {
      declaredMediaType: null,
      declaredHash: null,
      modelVersion: 'v2',
    });
    expect(JSON.stringify({ video_score, timeline })).toBe(
      JSON.stringify({ video_score: stored.video_score, timeline: stored.timeline }),
    );
  });
});
