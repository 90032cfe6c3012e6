/** Instances of the kernels, and what they export. */
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
