import { createHash } from 'node:crypto';

/** Everything that can change a score. */
export interface FingerprintParts {
  readonly weightsSha256: string;
  readonly dtype: string;
  readonly device: string;
  readonly graphBuilder: string;
  readonly inputSize: number;
  readonly resample: number;
  readonly rescaleFactor: number;
  readonly imageMean: readonly number[];
  readonly imageStd: readonly number[];
  readonly labels: readonly string[];
  readonly fakeLabel: string;
}

/** 16 hexadecimal digits that two workers share only if their scores are the same. */
export function fingerprintOf(parts: FingerprintParts): string {
  const canonical = JSON.stringify(Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(canonical).digest('hex').slice(0, 16);
}
