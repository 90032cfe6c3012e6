/** The kernels as WebAssembly modules, made once for each kind. */
import type { DType } from "../../array/dtype.ts";
import { importMemory, Module, type WasmFunction } from "../wasm.ts";
import { elementOf } from "./element.ts";
import { type MatmulKernels, matmulKernels } from "./matmul.ts";
import { packKernels } from "./pack.ts";
import { productKernels } from "./product.ts";

/** Which kernels. */
export interface KernelOptions {
  /** The type of all elements. */
  readonly dtype: DType;
  /** Whether to multiply and add in one instruction of relaxed SIMD; the engine must have it. */
  readonly relaxed: boolean;
  /** Whether the memory is shared between threads. */
  readonly shared: boolean;
}

/** What an instance of a library exports: functions of addresses in bytes and of counts. */
export interface Kernels {
  /**
   * `out = op(x) op(y)`. The operands must be readable, with whatever content, for 28 bytes beyond their end.
   * How the rows or columns of a result are divided into calls doesn't change a bit of it.
   *
   * @param ldx Elements from one stored row of x to the next
   * @param transposeX 1 if x is stored as `[depth, rows]`
   * @param transposeY 1 if y is stored as `[columns, depth]`
   * @param accumulate 1 to add to `out`
   * @param scratch Room of {@linkcode matmulScratchBytes}
   */
  matmul(
    x: number,
    y: number,
    out: number,
    rows: number,
    depth: number,
    columns: number,
    ldx: number,
    ldy: number,
    ldo: number,
    transposeX: number,
    transposeY: number,
    accumulate: number,
    scratch: number,
  ): void;
}

const modules = new Map<string, WebAssembly.Module>();

/** The module with all kernels for one type of element. */
export function kernelLibrary(options: KernelOptions): WebAssembly.Module {
  const { dtype, relaxed, shared } = options;
  const key = `${dtype} ${relaxed} ${shared}`;
  let module = modules.get(key);
  if (module === undefined) {
    module = new WebAssembly.Module(libraryBytes(options));
    modules.set(key, module);
  }
  return module;
}

/** The bytes of that module. */
export function libraryBytes({ dtype, relaxed, shared }: KernelOptions): Uint8Array<ArrayBuffer> {
  const e = elementOf(dtype, relaxed);
  const product = productKernels(e);
  const pack = packKernels(e);
  const { matmul, matmulBatch } = matmulKernels(e, product, pack);
  const exports: Record<string, WasmFunction> = { matmul: matmul.code, matmulBatch: matmulBatch.code };
  const limits = shared ? { min: 1, max: 65536, shared: true } : { min: 1 };
  // The memory is given when the module is instantiated; without a stand-in, the package would make one.
  const memory = importMemory(limits, {} as WebAssembly.Memory);
  return Module({ exports: exports as never, memory }).toBytes() as Uint8Array<ArrayBuffer>;
}

/** Instantiates a library on a memory. */
export function linkKernels(library: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(library, { "": { m0: memory } }).exports as unknown as Kernels;
}
