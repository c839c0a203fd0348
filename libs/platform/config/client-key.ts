/**
 * Headers by which a client of the API shows its key, `API_KEY` of its environment; none without.
 * @param environment usually `process.env`
 */
export function clientKeyHeaders(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const { API_KEY: key } = environment;
  return key === undefined || key === '' ? {} : { authorization: `Bearer ${key}` };
}
