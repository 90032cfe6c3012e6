/** Kernels in WebAssembly: matrix products, convolutions, windows. */
export {
  kernelLibrary,
  type KernelOptions,
  type Kernels,
  linkKernels,
  type WindowKernels,
} from "./library.ts";
export {
  type ConvolutionCase,
  type ConvolutionKind,
  type ConvolutionPlan,
  planConvolution,
} from "./convolution.ts";
export { maxPoolPositions } from "./max_pool.ts";
export {
  BATCH,
  MATMUL,
  matmulScratchBytes,
  PACKED_MATMUL,
  packedBytes,
  packedScratchBytes,
  RIGHT,
} from "./parameters.ts";
