import Table from 'cli-table3';

/** Rows under a head, for people. */
export function printTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  rightAligned: readonly number[] = [],
): void {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, column) => (rightAligned.includes(column) ? 'right' : 'left')),
    // No lines between rows.
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    style: hasColours() ? { head: ['bold'], border: ['grey'] } : { head: [], border: [] },
  });
  for (const row of rows) table.push([...row]);
  console.log(table.toString());
}

/** Names and what is said of them, one a line. */
export function printFacts(facts: Readonly<Record<string, string>>): void {
  const width = Math.max(...Object.keys(facts).map((name) => name.length)) + 2;
  for (const [name, value] of Object.entries(facts)) console.log(`${name.padEnd(width)}${value}`);
}

export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

function hasColours(): boolean {
  return process.stdout.isTTY && process.stdout.hasColors();
}
