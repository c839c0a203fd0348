import { box, findBoxes, fullBox, parseBoxes, u16, u32, u8 } from './boxes.js';

export interface HeicOptions {
  readonly width: number;
  readonly height: number;
  /** Further properties of the picture (`irot`, `imir`), as whole boxes in the order in which they apply. */
  readonly transforms?: readonly Uint8Array[];
  /** What its numbers mean, as a whole box; by default nothing is said. */
  readonly colour?: Uint8Array;
  /** Bits of a number. */
  readonly depth?: number;
}

/** Quarter turns against the clock: ISO/IEC 23008-12, 6.5.10. */
export const irot = (quarters: number): Buffer => box('irot', u8(quarters));
/** 0: top and bottom are swapped, 1: left and right (as libheif and browsers read it). */
export const imir = (axis: number): Buffer => box('imir', u8(axis));

/** Colours by their code points in ITU-T H.273, of limited range: ISO/IEC 14496-12, 12.1.5. */
export const nclx = (primaries: number, transfer: number, matrix: number): Buffer =>
  box('colr', 'nclx', u16(primaries, transfer, matrix), u8(0));

/** A HEIC picture of the first frame of an HEVC video in MP4: what a phone's camera writes, with one tile. */
export function heicOf(
  video: Uint8Array,
  { width, height, transforms = [], colour, depth = 8 }: HeicOptions,
): Uint8Array {
  const boxes = parseBoxes(video);
  const description = findBoxes(boxes, 'stsd')[0]?.body ?? Buffer.alloc(0);
  const at = description.indexOf('hvcC') - 4;
  const configuration = description.subarray(at, at + description.readUInt32BE(at));
  const sample = findBoxes(boxes, 'mdat')[0]?.body ?? Buffer.alloc(0);
  const properties = [
    configuration,
    fullBox('ispe', 0, 0, u32(width, height)),
    fullBox('pixi', 0, 0, u8(3, depth, depth, depth)),
    ...(colour === undefined ? [] : [colour]),
    ...transforms,
  ];
  // The decoder's configuration and the transforms are essential.
  const firstTransform = properties.length - transforms.length;
  const associations = properties.map(
    (_, i) => (i === 0 || i >= firstTransform ? 0x80 : 0) | (i + 1),
  );
  const type = box('ftyp', 'heic', u32(0), 'mif1heic');
  const meta = (offset: number) =>
    fullBox(
      'meta',
      0,
      0,
      fullBox('hdlr', 0, 0, u32(0), 'pict', u32(0, 0, 0), u8(0)),
      fullBox('pitm', 0, 0, u16(1)),
      // Sizes of offset and length 4; one item, one extent.
      fullBox('iloc', 0, 0, u8(0x44, 0), u16(1, 1, 0, 1), u32(offset, sample.length)),
      fullBox('iinf', 0, 0, u16(1), fullBox('infe', 2, 0, u16(1, 0), 'hvc1', u8(0))),
      box(
        'iprp',
        box('ipco', ...properties),
        fullBox('ipma', 0, 0, u32(1), u16(1), u8(properties.length, ...associations)),
      ),
    );
  const offset = type.length + meta(0).length + 8;
  return Buffer.concat([type, meta(offset), box('mdat', sample)]);
}
