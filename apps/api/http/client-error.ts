import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { problemBody, PROBLEM_CONTENT_TYPE } from '../problems/problem-body.js';
import { Problem } from '../problems/problem.js';

/** Answers what is not HTTP, or too large for it, on the bare connection: no request exists yet. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new Problem('headers_too_large', 'Expected at most 16 KiB of headers, got more.')
      : new Problem('bad_request', 'Expected an HTTP/1.1 request, got something else.');
  const body = JSON.stringify(problemBody(problem, randomUUID()));
  const { status } = problem.entry;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
