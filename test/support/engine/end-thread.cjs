// Preloaded into every thread: lets the main thread end another one where it is in JavaScript, as an error there would.
const { BroadcastChannel, isMainThread } = require('node:worker_threads');

if (!isMainThread) {
  const channel = new BroadcastChannel('end-thread');
  channel.onmessage = ({ data: state }) => {
    // 0: asked, 1: a thread holds still, 2: it may end. The first to answer is the one.
    if (Atomics.compareExchange(state, 0, 0, 1) !== 0) return;
    Atomics.wait(state, 0, 1);
    process.exit(1);
  };
  channel.unref();
}
