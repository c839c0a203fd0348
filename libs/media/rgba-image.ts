/** An upright picture: rows from the top, 4 bytes (red, green, blue, alpha) a pixel. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  /** `width × height × 4` bytes. */
  readonly data: Uint8Array;
}
