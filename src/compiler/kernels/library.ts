/** The kernels as WebAssembly modules, one for each kind. */
import type { DType } from "../../array/dtype.ts";
import { LIBRARY_BYTES } from "./library_bytes.ts";
import type { RandomKernel } from "./random.ts";

/** Which kernels. */
export interface KernelOptions {
  /** The type of all elements. */
  readonly dtype: DType;
  /** Whether to multiply and add in one instruction of relaxed SIMD; the engine must have it. */
  readonly relaxed: boolean;
  /** `"products"` (the default) for those of products, convolution and pooling; or one that draws random numbers. */
  readonly family?: "products" | RandomKernel;
}

/** All families. */
export const KERNEL_FAMILIES: readonly NonNullable<KernelOptions["family"]>[] = [
  "products",
  "uniform",
  "words",
  "threefry",
];

const modules = new Map<string, WebAssembly.Module>();

/** What tells libraries apart: random numbers are drawn without multiply-adds. */
export function libraryKey({ dtype, relaxed, family = "products" }: KernelOptions): string {
  return `${dtype} ${family}${relaxed && family === "products" ? " relaxed" : ""}`;
}

/** The module with the kernels of a family, on shared memory. */
export function kernelLibrary(options: KernelOptions): WebAssembly.Module {
  const key = libraryKey(options);
  let module = modules.get(key);
  if (module === undefined) {
    const bytes = Uint8Array.from(atob(LIBRARY_BYTES[key]!), (character) => character.charCodeAt(0));
    module = new WebAssembly.Module(bytes);
    modules.set(key, module);
  }
  return module;
}
