/** Instances of the kernels, and what they export. */
import { COPY_LINES, type DirectArguments, LARGEST, LINES, RIGHT, TILE } from "./parameters.ts";

/** Kernels as functions of addresses, in bytes, and of counts. */
export interface Kernels {
  /**
   * `out = op(x) op(y)`. The operands must be readable, with whatever content, for 28 bytes beyond their end.
   * How the rows or columns of a result are divided into calls doesn't change a bit of it.
   *
   * @param ldx Elements from one stored row of x to the next; `ldy` and `ldo` likewise
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
  /** `count` such products of matrices that are `xStep`, `yStep` and `outStep` bytes apart; a step may be 0. */
  matmulBatch(
    count: number,
    xStep: number,
    yStep: number,
    outStep: number,
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
  /** Writes `[rows, columns]` as `[columns, rows]`; `ldx` and `ldo` are in elements. */
  transpose(x: number, out: number, rows: number, columns: number, ldx: number, ldo: number): void;
}

/** Kernels of convolutions and windows, with those of matrices. */
export interface WindowKernels extends Kernels {
  /** Products of rows with packed columns, see `directKernel`. */
  direct(values: DirectArguments): void;
  /** As `direct`, of each column with the same column. */
  columns(values: DirectArguments): void;
  /** Packs columns, see `rightKernel`. */
  packRight(values: Record<typeof RIGHT[number], number>): void;
  /** Copies lines of bytes. */
  copyLines(values: Record<typeof COPY_LINES[number], number>): void;
  /** Sets bytes to zero. */
  clear(to: number, bytes: number): void;
  /** `out[i] = x[indices[i]]`; indices are float64. */
  gather(x: number, indices: number, out: number, count: number): void;
  /** `out[indices[i]] += x[i]`; indices are float64. */
  scatterAdd(x: number, indices: number, out: number, count: number): void;
  /** Positions of the largest elements under windows, see `largestKernel`. */
  largest(values: Record<typeof LARGEST[number], number>): void;
  /** Random numbers from 0 to 1, see `drawKernel`. */
  uniform(...values: number[]): void;
  /** Random words, see `drawKernel`. */
  words(...values: number[]): void;
  /** Random words for given counters, see `threefryKernel`. */
  threefry(...values: number[]): void;
}

/** Instantiates a library of kernels on a memory. */
export function linkKernels(library: WebAssembly.Module, memory: WebAssembly.Memory): WindowKernels {
  const exports = { ...new WebAssembly.Instance(library, { "": { m0: memory } }).exports } as Record<
    string,
    Run
  >;
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
  return exports as unknown as WindowKernels;
}

type Run = (...values: number[]) => void;
