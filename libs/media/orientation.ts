/** Degrees by which a stored picture is turned clockwise to stand upright. */
export type RotationDegrees = 0 | 90 | 180 | 270;

/** How a stored picture becomes upright: turned clockwise, then, if mirrored, left and right swapped. */
export interface Orientation {
  readonly rotationDegrees: RotationDegrees;
  readonly mirrored: boolean;
}

export const UPRIGHT: Orientation = { rotationDegrees: 0, mirrored: false };

/** Whether width and height change places. */
export const isSideways = ({ rotationDegrees }: Orientation): boolean =>
  rotationDegrees % 180 !== 0;

/** The nearest quarter turn, or null where the angle is more than a degree off one. */
export function quarterTurn(degrees: number): RotationDegrees | null {
  const turned = ((degrees % 360) + 360) % 360;
  const nearest = Math.round(turned / 90) * 90;
  if (!(Math.abs(turned - nearest) <= 1)) return null;
  return ([0, 90, 180, 270] as const)[(nearest / 90) % 4] ?? null;
}

/**
 * Orientation of a video track's display matrix (ISO/IEC 14496-12, 8.3.2: `a b u c d v x y w`), which takes the stored
 * axes x and y to (a, b) and (c, d) on a screen whose y points down. Angles off a quarter turn count as none.
 */
export function orientationOfMatrix(matrix: readonly number[]): Orientation {
  const [a = 1, b = 0, , c = 0, d = 1] = matrix;
  const mirrored = a * d - b * c < 0;
  const rotationDegrees = quarterTurn((Math.atan2(b, mirrored ? -a : a) * 180) / Math.PI);
  return rotationDegrees === null ? UPRIGHT : { rotationDegrees, mirrored };
}

/** Orientation of the EXIF tag 0x0112, 1 to 8; anything else counts as upright. */
export function orientationOfExif(value: number | undefined): Orientation {
  const turns: Record<number, Orientation> = {
    2: { rotationDegrees: 0, mirrored: true },
    3: { rotationDegrees: 180, mirrored: false },
    4: { rotationDegrees: 180, mirrored: true },
    5: { rotationDegrees: 90, mirrored: true },
    6: { rotationDegrees: 90, mirrored: false },
    7: { rotationDegrees: 270, mirrored: true },
    8: { rotationDegrees: 270, mirrored: false },
  };
  return turns[value ?? 1] ?? UPRIGHT;
}
