import { describe, expect, it } from 'vitest';
import { confinedCommand } from './confinement.js';

const limits = { memoryBytes: 1_000_000, cpuSeconds: 59.5 };

describe('confinedCommand', () => {
  it('puts the restrictions in front of the program', () => {
    const confinement = {
      network: ['unshare', '--net', '--'],
      privileges: ['setpriv', '--no-new-privs', '--'],
      resources: ['prlimit', '--'],
    };
    expect(
      confinedCommand(confinement, limits, ['/usr/bin/ffmpeg', '-i', 'file:x']).join(' '),
    ).toBe(
      'unshare --net -- setpriv --no-new-privs -- ' +
        'prlimit --as=1000000 --cpu=60:65 --core=0 --fsize=0 --nofile=64 -- /usr/bin/ffmpeg -i file:x',
    );
  });

  it('leaves out what the system can’t do', () => {
    const nothing = { network: null, privileges: null, resources: null };
    expect(confinedCommand(nothing, limits, ['ffprobe', 'x'])).toEqual(['ffprobe', 'x']);
  });
});
