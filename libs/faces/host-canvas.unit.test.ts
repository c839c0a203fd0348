import { describe, expect, it } from 'vitest';
import { HostCanvas } from './host-canvas.js';

describe('HostCanvas', () => {
  const picture = {
    ...{ width: 2, height: 1, channels: 4 as const },
    data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  };
  const rgb = { width: 2, height: 1, channels: 3 as const, data: Uint8Array.of(1, 2, 3, 5, 6, 7) };

  it.each([
    [picture, [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]],
    [rgb, [0, 0, 0, 0, 1, 2, 3, 255, 5, 6, 7, 255]],
  ])('gives back the picture that was put in, as RGBA', (picture, expected) => {
    const gl = new HostCanvas().getContext('webgl2');
    const texture = gl!.createTexture();
    gl!.bindTexture(gl!.TEXTURE_2D, texture);
    gl!.texImage2D(gl!.TEXTURE_2D, 0, gl!.RGBA, gl!.RGBA, gl!.UNSIGNED_BYTE, picture);
    gl!.bindFramebuffer(0, gl!.createFramebuffer());
    gl!.framebufferTexture2D(0, 0, gl!.TEXTURE_2D, texture);
    const heap = new Uint8Array(12);
    gl!.readPixels(0, 0, 2, 1, gl!.RGBA, gl!.UNSIGNED_BYTE, heap, 4);
    expect([...heap]).toEqual(expected);
    expect(() => {
      gl!.readPixels(0, 0, 1, 1, gl!.RGBA, gl!.UNSIGNED_BYTE, heap, 0);
    }).toThrow('whole RGBA picture');
  });

  it('has no other context, and refuses what would have to draw', () => {
    expect(new HostCanvas().getContext('webgl')).toBeNull();
    const gl = new HostCanvas().getContext('webgl2');
    expect(() => {
      gl!.texImage2D(1, 2, 3, 4, 5, 6, 7, 8, null);
    }).toThrow('got 9 arguments');
  });
});
