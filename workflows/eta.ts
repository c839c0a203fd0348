/**
 * Seconds until all segments are scored, at the pace so far; null as long as there is none to go by, and when nothing is left.
 *
 * @param elapsedSeconds since the first segment was begun
 */
export function etaSeconds(
  elapsedSeconds: number,
  scored: number,
  total: number | null,
): number | null {
  if (total === null || scored === 0 || scored >= total) return null;
  return Math.max(1, Math.round((elapsedSeconds / scored) * (total - scored)));
}
