/** The kernels as WebAssembly modules, one for each kind. */
import type { DType } from "../../array/dtype.ts";
import { importMemory, Module, type WasmFunction } from "../wasm/writer.ts";
import { type Element, elementOf } from "./element.ts";
import { LIBRARY_BYTES } from "./library_bytes.ts";
import { lineKernels } from "./lines.ts";
import { matmulKernels } from "./matmul.ts";
import { packKernels } from "./pack.ts";
import { largestKernel } from "./pooling.ts";
import { columnsKernel, productKernels } from "./product.ts";
import { type RandomKernel, randomKernel } from "./random.ts";
import { matrixTransposeKernel } from "./transpose.ts";

/** Which kernels. */
export interface KernelOptions {
  /** The type of all elements. */
  readonly dtype: DType;
  /** Whether to multiply and add in one instruction of relaxed SIMD; the engine must have it. */
  readonly relaxed: boolean;
  /** Whether the memory is shared between threads. */
  readonly shared: boolean;
  /** `"matrices"` (the default), `"windows"` for these and those of convolution and pooling; or one that draws random numbers. */
  readonly family?: "matrices" | "windows" | RandomKernel;
}

/** All families. */
export const KERNEL_FAMILIES: readonly NonNullable<KernelOptions["family"]>[] = [
  "matrices",
  "windows",
  "uniform",
  "words",
  "threefry",
];

const modules = new Map<string, WebAssembly.Module>();

/** What tells libraries apart: random numbers are drawn without multiply-adds. */
export function libraryKey({ dtype, relaxed, shared, family = "matrices" }: KernelOptions): string {
  const isRelaxed = relaxed && (family === "matrices" || family === "windows");
  return `${dtype} ${family}${isRelaxed ? " relaxed" : ""}${shared ? "" : " unshared"}`;
}

/** The module with the kernels of a family; those on shared memory have been written ahead of time. */
export function kernelLibrary(options: KernelOptions): WebAssembly.Module {
  const key = libraryKey(options);
  let module = modules.get(key);
  if (module === undefined) {
    const written = LIBRARY_BYTES[key];
    const bytes = written === undefined
      ? libraryBytes(options)
      : Uint8Array.from(atob(written), (character) => character.charCodeAt(0));
    module = new WebAssembly.Module(bytes);
    modules.set(key, module);
  }
  return module;
}

/** The bytes of a module with kernels. */
export function libraryBytes({ dtype, relaxed, shared, family }: KernelOptions): Uint8Array<ArrayBuffer> {
  const e = elementOf(dtype, relaxed);
  const kernels = family === undefined || family === "matrices" || family === "windows"
    ? productLibrary(e, family)
    : { [family]: randomKernel(e, family) };
  const exports = Object.fromEntries(Object.entries(kernels).map(([name, { code }]) => [name, code]));
  const limits = shared ? { min: 1, max: 65536, shared: true } : { min: 1 };
  return Module({ exports, memory: importMemory(limits) }).toBytes();
}

/** Products of matrices, and what else is made of them. */
function productLibrary(
  e: Element,
  family: "matrices" | "windows" | undefined,
): Record<string, { readonly code: WasmFunction }> {
  const product = productKernels(e);
  const pack = packKernels(e);
  const matrices = {
    ...matmulKernels(e, product, pack),
    transpose: matrixTransposeKernel(e, pack.transpose),
  };
  if (family !== "windows") return matrices;
  return {
    ...matrices,
    ...lineKernels(e),
    direct: product.direct,
    columns: columnsKernel(e, product.copy),
    packRight: pack.right,
    largest: largestKernel(e),
  };
}
