import { describe, expect, it } from 'vitest';
import { formatIdentity, parseIdentity, type WorkerIdentity } from './worker-identity.js';

describe('worker identity', () => {
  const inference: WorkerIdentity = {
    role: 'inference',
    state: 'ready',
    host: 'host-1',
    pid: 42,
    model: {
      id: 'owner/some model',
      revision: 'abc',
      dtype: 'fp32',
      device: 'cpu',
      fingerprint: '0123456789abcdef',
      architecture: 'SiglipForImageClassification',
      weights: 'abcd',
      fakeLabel: 'AI made = fake',
      graphBuilder: 'builder-1',
      processor: '224 2 0.1 0.5,0.5,0.5 1,1,1',
      accuracy: '16,0.0031,0.00082,0.01',
    },
  };

  it('survives the way through Temporal', () => {
    expect(parseIdentity(formatIdentity(inference))).toEqual(inference);
    const media: WorkerIdentity = { role: 'media', state: 'ready', host: 'a', pid: 1, model: null };
    expect(parseIdentity(formatIdentity(media))).toEqual(media);
  });

  it('can be read by a person', () => {
    expect(formatIdentity(inference)).toBe(
      'inference/ready/host-1/42 id=owner/some%20model revision=abc dtype=fp32 device=cpu fingerprint=0123456789abcdef architecture=SiglipForImageClassification weights=abcd fakeLabel=AI%20made%20=%20fake graphBuilder=builder-1 processor=224%202%200.1%200.5,0.5,0.5%201,1,1 accuracy=16,0.0031,0.00082,0.01',
    );
  });

  it.each(['', '123@host', 'temporal-cli:root@host', 'media/gone/host/1', 'media/ready/host'])(
    'does not take %j for one of ours',
    (text) => {
      expect(parseIdentity(text)).toBeNull();
    },
  );
});
