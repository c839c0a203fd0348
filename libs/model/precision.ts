/**
 * How a model is computed. `fp32` is the reference; `fp16` is for GPUs; `int8` and `int8-fast` are for CPUs, see
 * {@link file://./onnx/int8-numerics.ts}.
 */
export const DTYPES = ['fp32', 'fp16', 'int8', 'int8-fast'] as const;
export type Dtype = (typeof DTYPES)[number];

/** What it is computed on. `webgpu` is any GPU with Vulkan, Metal or Direct3D 12; `cuda` needs NVIDIA's libraries. */
export type Device = 'cpu' | 'webgpu' | 'cuda';
