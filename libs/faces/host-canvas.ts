import type { RasterImage } from '../media/raster-image.js';
import { withAlpha } from './with-alpha.js';

const VERSION = 0x1f02;
const RENDERER = 0x1f01;
const RGBA = 0x1908;
const UNSIGNED_BYTE = 0x1401;
const FRAMEBUFFER_COMPLETE = 0x8cd5;
const ALREADY_SIGNALED = 0x911a;

interface Texture {
  source: RasterImage | null;
}
interface Framebuffer {
  texture: Texture | null;
}

/**
 * The part of WebGL 2 that MediaPipe's CPU path uses, in host memory: a picture is put into a texture and read back from
 * a framebuffer, as RGBA and else untouched. Anything else throws, so that a path that really draws can't go unnoticed.
 */
export class HostGl {
  readonly TEXTURE_2D = 0x0de1;
  readonly RGBA = RGBA;
  readonly UNSIGNED_BYTE = UNSIGNED_BYTE;
  readonly UNPACK_FLIP_Y_WEBGL = 0x9240;
  #texture: Texture | null = null;
  #framebuffer: Framebuffer | null = null;

  constructor(readonly canvas: HostCanvas) {}

  getExtension(): null {
    return null;
  }
  getSupportedExtensions(): readonly string[] {
    return [];
  }
  getContextAttributes(): object {
    return {};
  }
  getParameter(name: number): string | number {
    if (name === VERSION) return 'WebGL 2.0';
    return name === RENDERER ? 'host-memory' : 0;
  }
  getError(): number {
    return 0;
  }

  activeTexture(): void {
    // One unit is all there is.
  }
  texParameteri(): void {
    // Nothing is sampled.
  }
  pixelStorei(): void {
    // Pictures are packed.
  }
  flush(): void {
    // Nothing is queued.
  }
  finish(): void {
    // Nothing is queued.
  }

  createTexture(): Texture {
    return { source: null };
  }
  deleteTexture(texture: Texture | null): void {
    if (texture !== null) texture.source = null;
  }
  bindTexture(_target: number, texture: Texture | null): void {
    this.#texture = texture;
  }
  /** The form with a picture: target, level, internal format, format, type, picture. */
  texImage2D(...args: readonly unknown[]): void {
    const source = args[5];
    if (args.length !== 6 || this.#texture === null || !isPicture(source)) {
      throw new Error(`expected texImage2D with a picture, got ${args.length} arguments`);
    }
    this.#texture.source = source;
  }

  createFramebuffer(): Framebuffer {
    return { texture: null };
  }
  deleteFramebuffer(framebuffer: Framebuffer | null): void {
    if (framebuffer !== null) framebuffer.texture = null;
  }
  bindFramebuffer(_target: number, framebuffer: Framebuffer | null): void {
    this.#framebuffer = framebuffer;
  }
  framebufferTexture2D(
    _target: number,
    _attachment: number,
    _kind: number,
    texture: Texture | null,
  ): void {
    if (this.#framebuffer === null) throw new Error('expected a bound framebuffer');
    this.#framebuffer.texture = texture;
  }
  checkFramebufferStatus(): number {
    return FRAMEBUFFER_COMPLETE;
  }
  readPixels(
    ...[x, y, width, height, format, type, target, offset]: [
      number,
      number,
      number,
      number,
      number,
      number,
      Uint8Array,
      number,
    ]
  ): void {
    const source = this.#framebuffer?.texture?.source;
    const whole =
      source && x === 0 && y === 0 && width === source.width && height === source.height;
    if (!whole || format !== RGBA || type !== UNSIGNED_BYTE) {
      throw new Error('expected readPixels of a whole RGBA picture');
    }
    if (source.channels === 4) target.set(source.data, offset);
    else withAlpha(source.data, target.subarray(offset, offset + width * height * 4));
  }

  fenceSync(): object {
    return {};
  }
  deleteSync(): void {
    // Fences hold nothing.
  }
  clientWaitSync(): number {
    return ALREADY_SIGNALED;
  }
  waitSync(): void {
    // Nothing to wait for.
  }
}

function isPicture(value: unknown): value is RasterImage {
  return (
    typeof value === 'object' &&
    value !== null &&
    'data' in value &&
    'channels' in value &&
    'width' in value &&
    'height' in value
  );
}

/** What MediaPipe takes for its canvas. */
export class HostCanvas {
  width = 1;
  height = 1;
  readonly #gl = new HostGl(this);

  readonly getContext = (kind: string): HostGl | null => (kind === 'webgl2' ? this.#gl : null);

  /** Its presence tells the emscripten runtime that its Safari wrapper, which needs a browser, is installed. */
  readonly getContextSafariWebGL2Fixed = this.getContext;
}
