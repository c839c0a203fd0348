import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LogLines, readable } from './log-lines.js';

describe('readable', () => {
  it('takes a JSON log line apart', () => {
    const line =
      '{"level":40,"time":"2020-01-01T00:00:00Z","part":"api","url":"/x","ms":3,"msg":"request"}';
    expect(readable(line)).toBe('WARN request url=/x ms=3');
  });

  it.each(['plain text', '{"broken', '{}'])('passes %j on', (line) => {
    expect(readable(line)).toBe(line === '{}' ? '' : line);
  });
});

describe('LogLines', () => {
  it('puts the part in front', () => {
    const out = new PassThrough();
    new LogLines(out, false, 6).write('api', 'ready');
    expect(String(out.read())).toBe('api    │ ready\n');
  });
});
