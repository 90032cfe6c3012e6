/** The kernels as WebAssembly modules, one for each kind, and their instances. */
import type { DType } from "../../array/dtype.ts";
import { LIBRARY_BYTES } from "./library_bytes.ts";
import {
  type BATCH,
  type CLEAR,
  COPY_LINES,
  type DirectArguments,
  type DRAW,
  type GATHER,
  LARGEST,
  LINES,
  type MATMUL,
  type MATRIX,
  type Named,
  type Numbers,
  RIGHT,
  TILE,
  type WORDS,
} from "./parameters.ts";
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

/** Kernels as functions of addresses, in bytes, and of counts. */
export interface Kernels {
  /**
   * `out = op(x) op(y)`. The operands must be readable, with whatever content, for 28 bytes beyond their end.
   * How the rows or columns of a result are divided into calls doesn't change a bit of it.
   */
  matmul(...values: Numbers<typeof MATMUL>): void;
  /** Several such products of matrices that are equally far apart; a step may be 0. */
  matmulBatch(...values: [...Numbers<typeof BATCH>, ...Numbers<typeof MATMUL>]): void;
  /** Writes `[rows, columns]` as `[columns, rows]`; `ldx` and `ldo` are in elements. */
  transpose(...values: Numbers<typeof MATRIX>): void;
}

/** Kernels of convolutions and windows, with those of matrices. */
export interface WindowKernels extends Kernels {
  /** All of them as they are exported: functions of their parameters in order. */
  readonly plain: Readonly<Record<string, (...values: number[]) => void>>;
  /** Products of rows with packed columns, see `directKernel`. */
  direct(values: DirectArguments): void;
  /** As `direct`, of each column with the same column. */
  columns(values: DirectArguments): void;
  /** Packs columns, see `rightKernel`. */
  packRight(values: Named<typeof RIGHT>): void;
  /** Copies lines of bytes. */
  copyLines(values: Named<typeof COPY_LINES>): void;
  /** Sets bytes to zero. */
  clear(...values: Numbers<typeof CLEAR>): void;
  /** `out[i] = x[indices[i]]`; indices are float64. */
  gather(...values: Numbers<typeof GATHER>): void;
  /** `out[indices[i]] += x[i]`; indices are float64. */
  scatterAdd(...values: Numbers<typeof GATHER>): void;
  /** Positions of the largest elements under windows, see `largestKernel`. */
  largest(values: Named<typeof LARGEST>): void;
  /** Random numbers from 0 to 1, see `drawKernel`. */
  uniform(...values: Numbers<typeof DRAW>): void;
  /** Random words, see `drawKernel`. */
  words(...values: Numbers<typeof DRAW>): void;
  /** Random words for given counters, see `threefryKernel`. */
  threefry(...values: Numbers<typeof WORDS>): void;
}

/** Instantiates a library of kernels on a memory. */
export function linkKernels(library: WebAssembly.Module, memory: WebAssembly.Memory): WindowKernels {
  const exports = { ...new WebAssembly.Instance(library, { "": { m0: memory } }).exports } as Record<
    string,
    Run
  >;
  const plain = { ...exports };
  const named: [string, readonly string[]][] = [
    ["direct", [...TILE, ...LINES]],
    ["columns", [...TILE, ...LINES]],
    ["packRight", RIGHT],
    ["copyLines", COPY_LINES],
    ["largest", LARGEST],
  ];
  for (const [name, parameters] of named) {
    const run = exports[name];
    if (run === undefined) continue;
    const wrapped = (values: Record<string, number>) => run(...parameters.map((p) => values[p]!));
    exports[name] = wrapped as unknown as Run;
  }
  return { ...exports, plain } as unknown as WindowKernels;
}

type Run = (...values: number[]) => void;
