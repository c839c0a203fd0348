// Scores 10,000 batches and prints the resident memory in MB before them and after.
import { loadEngine, pictures } from './load.mjs';

const engine = await loadEngine({});
const crops = pictures(8, engine.description.inputSize);
const residentMb = () => process.memoryUsage.rss() / 2 ** 20;
/** A thread takes at most four crops at once: eight are two batches. */
const score = async (batches) => {
  for (let batch = 0; batch < batches; batch += 2) await engine.score(crops, 8);
};
await score(2_000);
const early = residentMb();
await score(10_000);
const late = residentMb();
await engine.close();
console.log(JSON.stringify({ early, late }));
