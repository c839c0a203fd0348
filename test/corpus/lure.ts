import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startRawServer, type FileServer } from '../support/file-server.js';
import { coded } from './encoded.js';
import { X264 } from './videos.js';

/** What files of the corpus refer to, and nobody may open. */
export interface Lure {
  /** Path of a good video. */
  readonly file: string;
  /** Its URL without a path. */
  readonly server: string;
}

/** A time of reading before that of writing: a file system moves it forward when the file is read (`relatime`). */
const [LONG_AGO, LATER] = [new Date('2001-01-01'), new Date('2002-01-01')];

/** A lure that tells who took it. */
export class SetLure implements Lure {
  readonly server: string;

  private constructor(
    private readonly folder: string,
    readonly file: string,
    private readonly listener: FileServer,
  ) {
    this.server = `http://127.0.0.1:${listener.port}`;
  }

  static async set(): Promise<SetLure> {
    const folder = mkdtempSync(path.join(tmpdir(), 'corpus-lure-'));
    const file = path.join(folder, 'secret.mp4');
    writeFileSync(file, coded('mp4', X264, { first: 3000 }));
    utimesSync(file, LONG_AGO, LATER);
    const listener = await startRawServer((socket) => {
      socket.destroy();
    });
    return new SetLure(folder, file, listener);
  }

  /** Who has been here: nobody, if it is empty. */
  get taken(): readonly string[] {
    return [
      ...(statSync(this.file).atime.getTime() === LONG_AGO.getTime() ? [] : ['the file was read']),
      ...this.listener.sockets.map(() => 'the server was called'),
    ];
  }

  async remove(): Promise<void> {
    await this.listener.stop();
    rmSync(this.folder, { recursive: true });
  }
}
