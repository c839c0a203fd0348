/** Asks again and again until the answer is neither null nor false. @throws Error after `limitMs` */
export async function until<T>(
  what: string,
  ask: () => Promise<T | null | false> | T | null | false,
  limitMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`expected ${what} within ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
