import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import type { MediaLimits } from '../../../libs/media/limits.js';
import { MediaError } from '../../../libs/media/media-error.js';
import { probeMedia as probe } from '../../../libs/media/probe.js';
import type { MediaActivities, ProbedMedia } from '../../../workflows/contracts/activities.js';
import type { FramesInput, MediaType } from '../../../workflows/contracts/request.js';
import { withHeartbeat } from './heartbeat.js';
import { withLocalMedium } from './local-blob.js';

/** Reads what the medium is from its bytes; for a client's frames, from the first that can be read. */
export function probeMedia(blobs: BlobStore, limits: MediaLimits): MediaActivities['probeMedia'] {
  const probeBlob = (key: string) =>
    withHeartbeat(1, (signal) =>
      withLocalMedium(blobs, key, (path) => probe(path, { signal, limits })),
    );
  return async ({ input, mediaType }) => {
    if (input.kind === 'frames') return probeFrames(input, mediaType ?? 'VIDEO', probeBlob);
    const found = await probeBlob(input.key);
    if (found.kind === 'audio') {
      throw new MediaError(
        'media_no_video',
        'Expected a picture or a video, got audio alone. No audio model is set up here: send media with pictures.',
      );
    }
    return {
      mediaType: found.kind === 'image' ? 'IMAGE' : 'VIDEO',
      container: found.container,
      codec: found.codec,
      width: found.width,
      height: found.height,
      durationSeconds: found.durationSeconds,
      frameRate: found.frameRate,
      variableFrameRate: found.variableFrameRate,
      startSeconds: found.startSeconds,
      rotationDegrees: found.rotationDegrees,
      mirrored: found.mirrored,
      streamIndex: found.streamIndex,
      interlaced: found.interlaced,
      hdr: found.hdr,
      bytes: found.bytes,
    };
  };
}

async function probeFrames(
  input: FramesInput,
  mediaType: MediaType,
  probeBlob: (key: string) => ReturnType<typeof probe>,
): Promise<ProbedMedia> {
  let lastReason = '';
  for (const { key } of input.frames) {
    if (key === null) continue;
    try {
      const { container, codec, width, height } = await probeBlob(key);
      return {
        mediaType,
        container,
        codec,
        width,
        height,
        durationSeconds: null,
        frameRate: null,
        variableFrameRate: false,
        startSeconds: 0,
        rotationDegrees: 0,
        mirrored: false,
        bytes: null,
      };
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      lastReason = error.message;
    }
  }
  throw new MediaError(
    'frames_unreadable',
    `Expected at least one frame that can be read, got ${input.frames.length} that can't. Last reason: ${lastReason}`,
  );
}
