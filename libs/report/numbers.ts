/** `62.3` → `1:02.3`. */
export function clock(seconds: number): string {
  // In tenths from the start, so that 59.96 becomes 1:00 and not 0:60.0.
  const tenths = Math.round(seconds * 10);
  const minutes = Math.floor(tenths / 600);
  const rest = (tenths - minutes * 600) / 10;
  const text = Number.isInteger(rest)
    ? String(rest).padStart(2, '0')
    : rest.toFixed(1).padStart(4, '0');
  const hours = Math.floor(minutes / 60);
  return hours > 0
    ? `${hours}:${String(minutes % 60).padStart(2, '0')}:${text}`
    : `${minutes}:${text}`;
}

/** `42.53` → `42.5 s`, `7200` → `2:00:00`. */
export const duration = (seconds: number): string =>
  seconds < 60 ? `${Math.round(seconds * 10) / 10} s` : clock(seconds);

/** A sample's score, 0..1, as the plot's axis counts it: `0.9371` → `0.94`. */
export const score = (p: number): string => p.toFixed(2);

/** `0.937` → `93 %`: rounded down, so that only all of it is 100 %. */
export const percent = (share: number): string => `${Math.floor(share * 100 + 1e-9)} %`;

/** `1234567` → `1.2 MB`. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  return `${(count / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ''}`;
}
