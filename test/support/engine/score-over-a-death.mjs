// Scores once, then again while a thread ends that holds crops; prints both, the notices and how many threads there were.
import { setTimeout } from 'node:timers/promises';
import { BroadcastChannel } from 'node:worker_threads';
import { loadEngine, pictures } from './load.mjs';

const notices = [];
const engine = await loadEngine({ threads: 1, onNotice: (notice) => notices.push(notice) });
// The one that there is, and those that come: packing the weights had one of its own before.
let threads = 1;
process.on('worker', () => (threads += 1));
const crops = pictures(6, engine.description.inputSize);
const before = await engine.score(crops, 6);

const channel = new BroadcastChannel('end-thread');
const state = new Int32Array(new SharedArrayBuffer(4));
channel.postMessage(state);
while (Atomics.load(state, 0) !== 1) await setTimeout(1);
const scoring = engine.score(crops, 6);
Atomics.store(state, 0, 2);
Atomics.notify(state, 0);
const after = await scoring;
channel.close();
await engine.close();
console.log(JSON.stringify({ before, after, notices, threads }));
