import type { Int8Method } from '../../libs/model/int8-thread.js';
import {
  int8,
  int8Fast,
  int8With,
  type Bits,
  type LayerBits,
} from '../../libs/model/onnx/int8-numerics.js';
import type { Numerics } from '../../libs/model/onnx/numerics.js';

/** One way to compute the encoder in whole numbers. */
export interface FrontierVariant {
  readonly name: string;
  /** `frontier`: what could be a preset. `part`: shows what a part costs. `method`: shows what it brings. */
  readonly group: 'frontier' | 'part' | 'method';
  readonly numerics: Numerics;
  readonly method: Int8Method;
}

const EIGHT: Bits = { input: 8, weights: 8 };
const INPUT: Bits = { input: 16, weights: 8 };
const SIXTEEN: Bits = { input: 16, weights: 16 };
const BEST: Int8Method = { equivalent: true, feedback: true };

export function frontierVariants(layers: number): readonly FrontierVariant[] {
  const every = (of: (layer: number) => LayerBits) =>
    int8With(
      'bench',
      Array.from({ length: layers }, (_, layer) => of(layer)),
    );
  const both = (bits: Bits): LayerBits => ({ attention: bits, mlp: bits });
  /** 16 bits all over but where `isEight` says. */
  const eightIn = (isEight: (layer: number) => boolean) =>
    every((layer) => both(isEight(layer) ? EIGHT : SIXTEEN));
  const third = Math.max(1, Math.round(layers / 3));
  const frontier = (name: string, numerics: Numerics) =>
    ({ name, group: 'frontier', numerics, method: BEST }) as const;
  const part = (name: string, numerics: Numerics) =>
    ({ name, group: 'part', numerics, method: BEST }) as const;
  const method = (name: string, numerics: Numerics, parts: Partial<Int8Method>) =>
    ({ name, group: 'method', numerics, method: { ...BEST, ...parts } }) as const;
  return [
    frontier(
      '16 bits everywhere',
      every(() => both(SIXTEEN)),
    ),
    frontier(
      '16 bits of all inputs',
      every(() => both(INPUT)),
    ),
    frontier(
      '16 bits in the first third',
      eightIn((layer) => layer >= third),
    ),
    frontier('int8', int8),
    frontier(
      '16 bits in the first layer',
      eightIn((layer) => layer > 0),
    ),
    frontier('int8-fast', int8Fast),
    part(
      '8 bits in the first layer alone',
      eightIn((layer) => layer === 0),
    ),
    part(
      '8 bits in the last layer alone',
      eightIn((layer) => layer === layers - 1),
    ),
    part(
      '8 bits in attention alone',
      every(() => ({ attention: EIGHT, mlp: SIXTEEN })),
    ),
    part(
      '8 bits in the MLPs alone',
      every(() => ({ attention: SIXTEEN, mlp: EIGHT })),
    ),
    method('int8, rounded to the nearest', int8, { feedback: false }),
    method('int8, inputs as they are', int8, { equivalent: false }),
    method('int8, neither', int8, { equivalent: false, feedback: false }),
  ];
}
