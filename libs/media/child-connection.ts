import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type OnReadOpts, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Takes what a child process writes, in buffers of its own. */
export interface ChildReader {
  /** Where bytes go, and who is told: as `net.connect` takes it. */
  readonly onread: OnReadOpts;
  /** Told once what it reads from. */
  attach(socket: Socket): void;
}

/** A connection between this process and a child. */
export interface ChildConnection {
  readonly ours: Socket;
  /** For `spawn`'s `stdio`; to be destroyed once the child has it, so that its end is the end of all. */
  readonly theirs: Socket;
}

/** Connects both readers of a child. @throws as {@link connectChild}, with none of them connected */
export async function connectReaders(readers: {
  readonly output: ChildReader;
  readonly log: ChildReader;
}): Promise<{ readonly output: ChildConnection; readonly log: ChildConnection }> {
  const output = await connectChild(readers.output);
  try {
    return { output, log: await connectChild(readers.log) };
  } catch (error) {
    output.ours.destroy();
    output.theirs.destroy();
    throw error;
  }
}

/**
 * Connects a reader with what is to be a child's descriptor. The pipes that `spawn` makes copy all that comes into new
 * buffers of 64 KB; of a connection that is made by `net.connect`, the system puts bytes where the reader says. To read a frame
 * takes a third of the time then.
 *
 * @throws Error when the folder for temporary files can't be written to
 */
export async function connectChild(reader: ChildReader): Promise<ChildConnection> {
  // Only this process's own user may connect to it, and it is there for a moment only.
  const address = path.join(tmpdir(), `decoder-${randomUUID()}`);
  const server = createServer({ pauseOnConnect: true });
  server.listen(address);
  await once(server, 'listening');
  try {
    const ours = connect({ path: address, onread: reader.onread });
    const [[theirs]] = (await Promise.all([once(server, 'connection'), once(ours, 'connect')])) as [
      [Socket],
      unknown,
    ];
    reader.attach(ours);
    return { ours, theirs };
  } finally {
    server.close();
  }
}
