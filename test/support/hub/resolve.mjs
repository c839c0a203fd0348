// A process that takes a model from a hub: its source as JSON in the first argument, its answer on standard output.
import { resolveModel } from '../../../dist/libs/model/source.js';

const source = JSON.parse(process.argv[2] ?? '{}');
/** @type {string[]} */
const notices = [];
const model = await resolveModel(source, {
  onNotice: (notice) => {
    notices.push(notice);
    process.stderr.write(`${notice}\n`);
  },
});
process.stdout.write(JSON.stringify({ model, notices }));
