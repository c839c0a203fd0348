import { mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EngineOptions } from '../../libs/model/engine.js';
import {
  changedCheckpoint,
  withFields,
  withFirstWeight,
  withTensor,
} from '../support/changed-checkpoint.js';
import { loadEngine } from '../support/local-engine.js';
import { shardCheckpoint } from '../support/shards.js';

const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/golden/${name}`, import.meta.url));
const checkpoint = fixture('tiny-f32');
const NORM = 'vision_model.post_layernorm.weight';

let cacheDir: string;
let copy: string;
beforeAll(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), 'refusals-'));
});
afterEach(() => rm(copy, { recursive: true }));
afterAll(() => rm(cacheDir, { recursive: true }));

async function expectRefusal(
  code: string,
  message: RegExp,
  options: Partial<EngineOptions> = {},
): Promise<void> {
  const failure = loadEngine(copy, { cacheDir, ...options }).then((engine) => engine.close());
  await expect(failure).rejects.toThrow(message);
  await expect(failure).rejects.toMatchObject({ name: 'ModelError', code });
}

describe('weights are refused', () => {
  const headerOf = (text: string) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, Buffer.from(text)]);
  };
  const unsigned = (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    return bytes;
  };
  it.each([
    [
      'that lack a tensor',
      withTensor(NORM, null),
      /tensor vision_model\.post_layernorm\.weight is missing/,
    ],
    [
      'with a tensor in another shape',
      withTensor(NORM, { shape: [8, 8] }),
      /expected tensor vision_model\.post_layernorm\.weight as \[64\], got \[8, 8\]/,
    ],
    [
      'with fewer bytes than a tensor has values',
      withTensor(NORM, { data_offsets: [0, 4] }),
      /tensor vision_model\.post_layernorm\.weight: expected 256 bytes for \[64\], got 4/,
    ],
    [
      'with a tensor beyond the end',
      withTensor(NORM, { data_offsets: [1e9, 1e9 + 256] }),
      /tensor vision_model\.post_layernorm\.weight: ends at byte 10000\d+ of \d+: .* cut short/,
    ],
    [
      'with a tensor before the beginning',
      withTensor(NORM, { data_offsets: [-256, 0] }),
      /tensor vision_model\.post_layernorm\.weight: /,
    ],
    [
      'with a tensor that has no place',
      withTensor(NORM, { data_offsets: undefined }),
      /tensor vision_model\.post_layernorm\.weight: expected dtype, shape and data_offsets/,
    ],
    [
      'that are cut short',
      (bytes: Buffer) => bytes.subarray(0, -100),
      /tensor vision_model\..*: ends at byte .* cut short/,
    ],
    [
      'that are cut short within the header',
      (bytes: Buffer) => bytes.subarray(0, 100),
      /model\.safetensors: expected a header of at most 92 bytes.* cut short/,
    ],
    ['that are empty', () => '', /model\.safetensors: the file is cut short within its header/],
    [
      'with a header that is not JSON',
      () => headerOf('{"a": nonsense}'),
      /model\.safetensors: expected a JSON header/,
    ],
    [
      'with a header that is a list',
      () => headerOf('[1, 2, 3]'),
      /model\.safetensors: expected a JSON header/,
    ],
    [
      'that are a page of HTML',
      () => '<!doctype html><title>Sign in</title>',
      /model\.safetensors: expected a header of at most \d+ bytes/,
    ],
    [
      'with a header of 2⁶³ bytes',
      () => unsigned(2n ** 63n),
      /model\.safetensors: expected a header/,
    ],
    [
      'with NaN',
      withFirstWeight(NORM, NaN),
      /vision_model\.post_layernorm\.weight holds NaN or infinity/,
    ],
    [
      'with infinity',
      withFirstWeight(NORM, -Infinity),
      /vision_model\.post_layernorm\.weight holds NaN or infinity/,
    ],
  ])('%s', async (_what, change, message) => {
    copy = await changedCheckpoint(checkpoint, 'model.safetensors', change);
    await expectRefusal('model_invalid', message);
  });

  it('of several types', async () => {
    const entry = { dtype: 'F16', shape: [64], data_offsets: [0, 128] as [number, number] };
    copy = await changedCheckpoint(checkpoint, 'model.safetensors', withTensor(NORM, entry));
    await expectRefusal(
      'model_unsupported',
      /all tensors as F32, .* got F32 \(vision_model\..*\) and F16 \(vision_model\.post_layernorm\.weight\)/,
    );
  });

  it('of whole numbers', async () => {
    const entry = { dtype: 'I64', shape: [64], data_offsets: [0, 512] as [number, number] };
    copy = await changedCheckpoint(checkpoint, 'model.safetensors', withTensor(NORM, entry));
    await expectRefusal('model_unsupported', /I64 \(vision_model\.post_layernorm\.weight\)/);
  });

  it.each(['tiny-f16', 'tiny-bf16'])('with NaN in the half precision of %s', async (name) => {
    const change = (bytes: Buffer) => {
      // All ones are a NaN in both types.
      bytes.fill(0xff, bytes.length - 2);
      return bytes;
    };
    copy = await changedCheckpoint(fixture(name), 'model.safetensors', change);
    await expectRefusal('model_invalid', /tensor vision_model\..* holds NaN or infinity/);
  });

  it('whose numbers overflow', async () => {
    copy = await changedCheckpoint(checkpoint, 'model.safetensors', withFirstWeight(NORM, 3e38));
    await expectRefusal('model_failed', /first forward pass failed: expected finite logits/);
  });

  it("that are not what a hub's cache names them by", async () => {
    copy = await changedCheckpoint(checkpoint, 'config.json', (text) => text);
    const weights = path.join(copy, 'model.safetensors');
    const blob = path.join(copy, 'a'.repeat(64));
    await rename(weights, blob);
    await symlink(blob, weights);
    await expectRefusal('model_invalid', /SHA-256 of model\.safetensors to be aaaa.* delete it/);
  });
});

describe('shards are refused', () => {
  const INDEX = 'model.safetensors.index.json';
  const changeIndex = async (weightMap: (map: Record<string, string>) => unknown) => {
    const file = path.join(copy, INDEX);
    const index = JSON.parse(await readFile(file, 'utf8')) as {
      weight_map: Record<string, string>;
    };
    await writeFile(file, JSON.stringify({ ...index, weight_map: weightMap(index.weight_map) }));
  };
  let shards: readonly string[];
  const shard = async () => {
    copy = await mkdtemp(path.join(tmpdir(), 'shards-'));
    shards = await shardCheckpoint(checkpoint, copy, 2);
  };

  it('when one is missing', async () => {
    await shard();
    await rm(path.join(copy, shards[1] ?? ''));
    await expectRefusal('model_not_found', /there is no model-00002-of-00002\.safetensors/);
  });

  it('when one lacks what the index says', async () => {
    await shard();
    await writeFile(
      path.join(copy, shards[1] ?? ''),
      await readFile(path.join(copy, shards[0] ?? '')),
    );
    await expectRefusal('model_invalid', /tensor .* is missing/);
  });

  it.each(['../model.safetensors', '/etc/model.safetensors', 'sub/model.safetensors', 'a.bin', 7])(
    'when the index names %j',
    async (name) => {
      await shard();
      await changeIndex((map) => ({ ...map, [NORM]: name }));
      await expectRefusal('model_invalid', /weight_map of .*index\.json to name safetensors files/);
    },
  );

  it.each([[{}], [[]], [null]])('when the index maps %j', async (map) => {
    await shard();
    await changeIndex(() => map);
    await expectRefusal('model_invalid', /weight_map of model\.safetensors\.index\.json/);
  });

  it('when the index is not JSON', async () => {
    await shard();
    await writeFile(path.join(copy, INDEX), '{');
    await expectRefusal('model_invalid', /index\.json to hold a JSON object/);
  });
});

describe('a configuration is refused', () => {
  it.each([
    [{ architectures: ['Siglip2ForImageClassification'] }, /architectures .*"Siglip2ForImage/],
    [{ architectures: ['SwinForImageClassification'] }, /architectures .*"SwinForImage/],
    [{ architectures: undefined }, /architectures of config\.json .* got nothing/],
    [{ vision_config: { hidden_act: 'quick_gelu' } }, /vision_config\.hidden_act .*"quick_gelu"/],
    [{ problem_type: 'multi_label_classification' }, /problem_type .*"multi_label_class/],
    [{ id2label: { 0: 'Fake' } }, /id2label .* two labels or more/],
    [{ id2label: { 0: 'cat', 1: 'dog' } }, /"cat", "dog": .*MODEL_FAKE_LABEL/],
    [{ id2label: undefined }, /"LABEL_0", "LABEL_1": .*MODEL_FAKE_LABEL/],
  ])('with %j', async (fields, message) => {
    copy = await changedCheckpoint(checkpoint, 'config.json', withFields(fields));
    await expectRefusal('model_unsupported', message);
  });

  it('whose sizes are not those of the weights', async () => {
    copy = await changedCheckpoint(checkpoint, 'config.json', (text) =>
      text.toString().replace('"intermediate_size": 128', '"intermediate_size": 256'),
    );
    await expectRefusal(
      'model_invalid',
      /expected tensor .*mlp\.fc1\.weight as \[256, 64\], got \[128, 64\]/,
    );
  });

  it('whose labels are not those that MODEL_FAKE_LABEL names', async () => {
    const id2label = { 0: 'cat', 1: 'dog' };
    copy = await changedCheckpoint(checkpoint, 'config.json', withFields({ id2label }));
    const fakeLabel = 'fox';
    await expectRefusal('model_unsupported', /MODEL_FAKE_LABEL .*"cat", "dog", got "fox"/, {
      fakeLabel,
    });
  });

  it('no longer, once MODEL_FAKE_LABEL says which label means fake', async () => {
    const id2label = { 0: 'cat', 1: 'dog' };
    copy = await changedCheckpoint(checkpoint, 'config.json', withFields({ id2label }));
    const engine = await loadEngine(copy, { cacheDir, fakeLabel: 'Dog' });
    await engine.close();
    expect(engine.description).toMatchObject({ labels: ['cat', 'dog'], fakeLabel: 'dog' });
  });
});

describe('a processor is refused', () => {
  const PROCESSOR = 'preprocessor_config.json';
  it.each([
    [{ image_processor_type: 'CLIPImageProcessor' }, /image_processor_type .*"CLIPImage/],
    [{ image_processor_type: 'Siglip2ImageProcessor' }, /image_processor_type .*"Siglip2Image/],
    [{ do_center_crop: true }, /do_center_crop .* got true/],
    [{ do_rescale: false }, /do_rescale .* got false/],
    [{ size: { shortest_edge: 224 } }, /size of preprocessor_config\.json .* height and width/],
    [
      { size: { height: 224, width: 192 } },
      /size of preprocessor_config\.json .* height and width/,
    ],
    [{ resample: 5 }, /resample .* got 5/],
    [{ image_std: [0, 0, 0] }, /image_std .* positive numbers/],
  ])('with %j', async (fields, message) => {
    copy = await changedCheckpoint(checkpoint, PROCESSOR, withFields(fields));
    await expectRefusal('model_unsupported', message);
  });

  it('of another size than the model', async () => {
    const size = { height: 256, width: 256 };
    copy = await changedCheckpoint(checkpoint, PROCESSOR, withFields({ size }));
    await expectRefusal('model_invalid', /agree on the picture's size, got 256 and 224/);
  });

  it('that is not JSON', async () => {
    copy = await changedCheckpoint(checkpoint, PROCESSOR, () => '<html>');
    await expectRefusal('model_invalid', /preprocessor_config\.json to hold a JSON object/);
  });
});
