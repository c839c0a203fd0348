/** `371.6 MB`, in millions of bytes as the hub counts them. */
export function megabytes(bytes: number): string {
  return bytes < 100_000 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A difference of probabilities to two digits: `0.0031`, `4.2e-7`. */
export function difference(value: number): string {
  const short = Number(value.toPrecision(2));
  return value !== 0 && value < 1e-4 ? short.toExponential() : String(short);
}
