// Verifies past analyses against what is stored of them, by a running API:
//   npm run verify -- ID [ID …] [--inference] [--url http://localhost:5000]
// API_KEY in the environment is the key, where one is needed; --api-key KEY too, which others on the machine can see.
// Exits with 1 when one of them comes out different.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const PAUSE_MS = 5_000;
const { positionals: ids, values } = parseArgs({
  allowPositionals: true,
  options: {
    inference: { type: 'boolean', default: false },
    url: { type: 'string', default: 'http://localhost:5000' },
    'api-key': { type: 'string', default: process.env.API_KEY ?? '' },
  },
});
if (ids.length === 0) {
  console.error(
    'expected the ID of an analysis: npm run verify -- ID [ID …] [--inference] [--url URL]',
  );
  process.exit(2);
}

let isDifferent = false;
for (const id of ids) {
  const answer = await verify(id);
  console.log(JSON.stringify(answer));
  if (answer.verdict_logic !== 'identical' || answer.inference === 'outside_tolerance')
    isDifferent = true;
}
process.exit(isDifferent ? 1 : 0);

async function verify(id) {
  for (;;) {
    const response = await fetch(
      `${values.url.replace(/\/+$/, '')}/api/v1/inference/${encodeURIComponent(id)}/verify`,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(values['api-key'] === '' ? {} : { authorization: `Bearer ${values['api-key']}` }),
        },
        body: JSON.stringify({ inference: values.inference }),
      },
    );
    const body = await response.json();
    if (response.status !== 202) return body;
    await sleep(PAUSE_MS);
  }
}
