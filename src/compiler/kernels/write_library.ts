/** The kernels as they are written ahead of time: what runs takes the bytes. */
import { importMemory, Module, type WasmFunction } from "../wasm/writer.ts";
import { type Element, elementOf } from "./element.ts";
import type { KernelOptions } from "./library.ts";
import { lineKernels } from "./lines.ts";
import { matmulKernels } from "./matmul.ts";
import { packKernels } from "./pack.ts";
import { largestKernel } from "./pooling.ts";
import { columnsKernel, productKernels } from "./product.ts";
import { randomKernel } from "./random.ts";
import { matrixTransposeKernel } from "./transpose.ts";

/** The bytes of a module with kernels. */
export function libraryBytes({ dtype, relaxed, family }: KernelOptions): Uint8Array<ArrayBuffer> {
  const e = elementOf(dtype, relaxed);
  const kernels = family === undefined || family === "products"
    ? productLibrary(e)
    : { [family]: randomKernel(e, family) };
  const exports = Object.fromEntries(Object.entries(kernels).map(([name, { code }]) => [name, code]));
  return Module({ exports, memory: importMemory({ min: 1, max: 65536, shared: true }) }).toBytes();
}

/** Products of matrices, and what else is made of them. */
function productLibrary(e: Element): Record<string, { readonly code: WasmFunction }> {
  const product = productKernels(e);
  const pack = packKernels(e);
  const transpose = matrixTransposeKernel(e, pack.transpose);
  return {
    ...matmulKernels(e, product, pack, transpose),
    ...lineKernels(e),
    transpose,
    direct: product.direct,
    columns: columnsKernel(e, product.copy),
    packRight: pack.right,
    largest: largestKernel(e),
  };
}
