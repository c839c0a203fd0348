import { describe, expect, it } from 'vitest';
import { toleranceFor } from './verification.js';

describe('toleranceFor', () => {
  const accuracy = { pictures: 16, max_difference: 0.0031, mean_difference: 1e-5, bound: 0.01 };

  it('is rounding in fp32', () => {
    expect(toleranceFor({ dtype: 'fp32', accuracy: null })).toEqual({
      tolerance: 1e-5,
      toleranceBasis: { dtype: 'fp32', source: 'rounding', measured_difference: null },
    });
  });

  it('is the bound that the model was held to in lower precisions, with what was measured', () => {
    expect(toleranceFor({ dtype: 'int8', accuracy })).toEqual({
      tolerance: 0.01,
      toleranceBasis: { dtype: 'int8', source: 'accuracy_bound', measured_difference: 0.0031 },
    });
    expect(toleranceFor({ dtype: 'fp16', accuracy: { ...accuracy, bound: 0.005 } }).tolerance).toBe(
      0.005,
    );
  });

  it('says where a model was not held to any', () => {
    const { toleranceBasis } = toleranceFor({ dtype: 'fp16', accuracy: null });
    expect(toleranceBasis.source).toBe('unmeasured');
  });
});
