/** An upright picture in whole bytes: rows from the top, red, green and blue of each pixel. */
export interface RasterImage {
  readonly width: number;
  readonly height: number;
  /** Bytes of a pixel: 3, or 4 with an alpha of 255 that means nothing. */
  readonly channels: 3 | 4;
  /** `width × height × channels` bytes. */
  readonly data: Uint8Array;
}
