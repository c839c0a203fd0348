import { describe, expect, it } from 'vitest';
import { missingIn } from './ffmpeg-build.js';

const demuxers = ` File formats:
 D. = Demuxing supported
 --
 D  avi             AVI (Audio Video Interleaved)
 D  mov,mp4,m4a,3gp,3g2,mj2 QuickTime / MOV
 D  matroska,webm   Matroska / WebM
`;

describe('missingIn', () => {
  it('reads one name or several in a line', () => {
    expect(missingIn(demuxers, ['avi', 'mov', 'mj2', 'matroska'])).toEqual([]);
  });

  it('names what is not there, and takes no word of a description for a name', () => {
    expect(missingIn(demuxers, ['avi', 'ogg', 'QuickTime'])).toEqual(['ogg', 'QuickTime']);
  });

  it('is content with one of several', () => {
    const decoders = ' V....D libdav1d             dav1d AV1 decoder (codec av1)\n';
    expect(missingIn(decoders, ['libdav1d|libaom-av1'])).toEqual([]);
    expect(missingIn('', ['libdav1d|libaom-av1'])).toEqual(['libdav1d or libaom-av1']);
  });
});
