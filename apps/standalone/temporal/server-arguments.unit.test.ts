import { describe, expect, it } from 'vitest';
import { serverArguments } from './server-arguments.js';

describe('serverArguments', () => {
  const plan = { port: 1, uiPort: 2, httpPort: 3, databaseFile: '/data/temporal.db' };

  it('keeps runs in a file that survives a kill', () => {
    const text = serverArguments(plan).join(' ');
    expect(text).toContain('--db-filename /data/temporal.db --sqlite-pragma journal_mode=wal');
    expect(serverArguments({ ...plan, databaseFile: null }).join(' ')).not.toContain('sqlite');
  });

  it('registers a namespace other than the one that is always there', () => {
    expect(serverArguments({ ...plan, namespace: 'team' }).join(' ')).toContain('--namespace team');
    expect(serverArguments({ ...plan, namespace: 'default' })).not.toContain('--namespace');
  });

  it('registers the search attributes and lifts the task rate', () => {
    const text = serverArguments(plan).join(' ');
    expect(text).toContain('--search-attribute RiskScore=Double');
    expect(text).toContain('--search-attribute FailureCode=Keyword');
    expect(text).toContain('history.transferProcessorMaxPollRPS=10000');
    expect(text).toContain('--ip 127.0.0.1');
  });
});
