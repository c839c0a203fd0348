// Closes while crops are being scored and others wait, and prints what became of them; must then end by itself.
import { loadEngine, pictures } from './load.mjs';

const engine = await loadEngine({});
const count = 40;
const crops = pictures(count, engine.description.inputSize);
const controller = new AbortController();
const calls = [
  engine.score(crops, count),
  engine.score(crops, count, { signal: controller.signal }),
];
const outcomes = Promise.allSettled(calls);
const closing = engine.close();
controller.abort(new Error('withdrawn'));
const late = await engine.score(crops, count).catch((error) => error.message);
await closing;
const [finished, withdrawn] = await outcomes;
console.log(
  JSON.stringify({
    scored: finished.value?.fakeProbabilities.length,
    withdrawn: withdrawn.reason?.message,
    late,
  }),
);
