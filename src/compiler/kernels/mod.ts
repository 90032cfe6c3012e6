/** Kernels in WebAssembly: matrix products, convolutions, windows. */
export * from "./library.ts";
export { matmulScratchBytes } from "./matmul.ts";
