import { MEDIA_TYPES, type MediaType } from '../../../workflows/contracts/request.js';
import { Problem } from '../problems/problem.js';

/**
 * What the client says its medium is, in upper or lower case.
 *
 * @throws Problem `unknown_media_type`, or `audio_model_missing` for AUDIO
 */
export function parseMediaType(value: unknown): MediaType {
  const name = typeof value === 'string' ? value.trim().toUpperCase() : null;
  const mediaType = MEDIA_TYPES.find((known) => known === name);
  if (mediaType === undefined) {
    throw new Problem(
      'unknown_media_type',
      `Expected mediaType ${MEDIA_TYPES.join(', ')}, got ${shown(value)}.`,
      { members: { accepted: MEDIA_TYPES } },
    );
  }
  if (mediaType === 'AUDIO') {
    throw new Problem(
      'audio_model_missing',
      'Expected mediaType IMAGE or VIDEO, got AUDIO, and no model for audio is set up here.',
      { members: { accepted: ['IMAGE', 'VIDEO'] } },
    );
  }
  return mediaType;
}

function shown(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'none';
  return JSON.stringify(value).slice(0, 80);
}
