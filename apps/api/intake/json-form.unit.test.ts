import { describe, expect, it } from 'vitest';
import { Problem } from '../problems/problem.js';
import { parseJsonForm } from './json-intake.js';

describe('parseJsonForm', () => {
  it('says what may be sent where nothing was', () => {
    for (const nothing of [undefined, null])
      expect(() => parseJsonForm(nothing)).toThrow(/^Expected JSON .* got no body\.$/);
  });

  const problemOf = (body: unknown): Problem => {
    try {
      parseJsonForm(body);
    } catch (error) {
      if (error instanceof Problem) return error;
    }
    throw new Error('expected a problem');
  };

  it('reads what an older client sends', () => {
    const body = {
      hash: 'abc',
      mediaType: 'VIDEO',
      metadata: { any: ['thing'] },
      extractedFrames: ['/frames/1.jpg', '/frames/2.jpg'],
      extractedAudio: null,
      modelVersion: 'v1',
      something: 'else',
    };
    expect(parseJsonForm(body)).toEqual({
      media: { kind: 'frames', mediaType: 'VIDEO', files: ['/frames/1.jpg', '/frames/2.jpg'] },
      hash: 'abc',
      modelVersion: 'v1',
      options: { model: null, sampling: null },
    });
  });

  it('takes one path for a list of one, any case of the type, and null for not given', () => {
    const body = { mediaType: 'image', extractedFrames: '/f.jpg', hash: null, modelVersion: null };
    expect(parseJsonForm(body)).toMatchObject({
      media: { kind: 'frames', mediaType: 'IMAGE', files: ['/f.jpg'] },
      hash: null,
      modelVersion: null,
    });
  });

  it('takes a URL in place of frames, with or without a type', () => {
    const mediaUrl = 'https://example.org/a.mp4';
    for (const extractedFrames of [null, '', []]) {
      expect(parseJsonForm({ mediaUrl, extractedFrames }).media).toEqual({
        kind: 'url',
        mediaType: null,
        url: mediaUrl,
      });
    }
    expect(parseJsonForm({ mediaUrl, mediaType: 'video' }).media.mediaType).toBe('VIDEO');
  });

  it.each([
    [undefined, 'invalid_request'],
    [[], 'invalid_request'],
    ['text', 'invalid_request'],
    [{}, 'unknown_media_type'],
    [{ mediaType: 'PDF' }, 'unknown_media_type'],
    [{ mediaType: 7 }, 'unknown_media_type'],
    [{ mediaType: 'AUDIO', extractedAudio: '/a.wav' }, 'audio_model_missing'],
    [{ mediaType: 'IMAGE' }, 'frames_missing'],
    [{ mediaType: 'VIDEO', extractedFrames: [] }, 'frames_missing'],
    [{ mediaType: 'VIDEO', extractedFrames: '' }, 'frames_missing'],
    [{ mediaType: 'VIDEO', extractedFrames: [1] }, 'invalid_request'],
    [{ mediaType: 'VIDEO', extractedFrames: '/f', modelVersion: 2 }, 'invalid_request'],
    [{ mediaType: 'VIDEO', extractedFrames: '/f', options: { speed: 1 } }, 'invalid_request'],
    [{ mediaUrl: 7 }, 'invalid_request'],
    [{ mediaUrl: 'https://x', mediaType: 'PDF' }, 'unknown_media_type'],
    [{ mediaUrl: 'https://x', extractedFrames: ['/f'] }, 'invalid_request'],
    [{ mediaUrl: 'https://x', callbackUrl: 'https://x' }, 'not_supported'],
    [
      { mediaType: 'VIDEO', extractedFrames: '/f', options: { sampling: { policy: 'even' } } },
      'invalid_request',
    ],
    [{ mediaType: 'VIDEO', extractedFrames: '/f', callbackUrl: 'https://x' }, 'not_supported'],
  ])('refuses %j as %s', (body, code) => {
    expect(problemOf(body).code).toBe(code);
  });

  it('names the field, what was expected and what is accepted', () => {
    expect(problemOf({ mediaType: 'PDF' })).toMatchObject({
      message: 'Expected mediaType IMAGE, VIDEO, AUDIO, got "PDF".',
      members: { accepted: ['IMAGE', 'VIDEO', 'AUDIO'] },
    });
    expect(problemOf({ mediaType: 'VIDEO' }).message).toContain('mediaUrl');
  });
});
