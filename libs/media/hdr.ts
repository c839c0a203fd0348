/** How a video tells brightness beyond a display's white: SMPTE ST 2084, or ARIB STD-B67. */
export type Hdr = 'pq' | 'hlg';

/** @param transfer ffprobe's `color_transfer` */
export function hdrOf(transfer: string | undefined): Hdr | null {
  if (transfer === 'smpte2084') return 'pq';
  return transfer === 'arib-std-b67' ? 'hlg' : null;
}

/** Brightness in nits of graphics white, which becomes the display's white: ITU-R BT.2408. */
export const REFERENCE_WHITE = 203;

/**
 * Filters from BT.2020 in PQ or HLG to BT.709 as displays without HDR show it: highlights are compressed, what is darker stays
 * as it is. All that is said of the colours is written out, since streams often leave some of it out.
 */
export function toneMapFilters(hdr: Hdr): readonly string[] {
  const transfer = hdr === 'pq' ? 'smpte2084' : 'arib-std-b67';
  return [
    // Not subsampled: zscale refuses odd sizes otherwise.
    'format=yuv444p10le',
    `zscale=tin=${transfer}:min=2020_ncl:pin=2020:t=linear:npl=${REFERENCE_WHITE}`,
    'format=gbrpf32le',
    'zscale=p=709',
    'tonemap=mobius:desat=0',
    'zscale=t=709:m=gbr:r=full',
    'format=gbrp',
  ];
}
