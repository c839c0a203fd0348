const KEPT_LINES = 20;
const KEPT_CHARACTERS = 300;

/** Cuts a program's messages into lines, tells each and keeps the last few. Its input's path becomes "the file". */
export class MessageTail {
  readonly lines: string[] = [];
  readonly #file: string;
  readonly #onLine: ((line: string) => void) | undefined;
  #rest = '';

  /** @param file path that must not appear in a message */
  constructor(file: string, onLine?: (line: string) => void) {
    this.#file = file;
    this.#onLine = onLine;
  }

  write(text: string): void {
    const parts = (this.#rest + text).split(/[\r\n]/);
    // Messages quote the client's file and may be of any length; a line without an end is cut.
    this.#rest = (parts.pop() ?? '').slice(0, 16_384);
    for (const line of parts) this.#keep(line);
  }

  /** The program is gone: what is left is a line. */
  end(): void {
    this.#keep(this.#rest);
    this.#rest = '';
  }

  #keep(line: string): void {
    const plain = line
      .replaceAll(`file:${this.#file}`, 'the file')
      .replaceAll(this.#file, 'the file')
      .replace(/ @ 0x[0-9a-f]+\]/g, ']')
      .trim()
      .slice(0, KEPT_CHARACTERS);
    if (plain === '') return;
    this.#onLine?.(plain);
    this.lines.push(plain);
    if (this.lines.length > KEPT_LINES) this.lines.shift();
  }
}
