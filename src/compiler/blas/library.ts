/** A BLAS: a native library of matrix products, called on the memory of the programs and on arrays. */
import type { DType, FloatArray } from "../../array/dtype.ts";
import { sharedMemory } from "../wasm/linear_memory.ts";

/** How a product lies: counts, elements from one stored row to the next, and as 1 or 0 what is done with it. */
export type ProductSizes = readonly [
  rows: number,
  depth: number,
  columns: number,
  ldx: number,
  ldy: number,
  ldo: number,
  /** Whether x is stored as `[depth, rows]`. */
  transposeX: number,
  /** Whether y is stored as `[columns, depth]`. */
  transposeY: number,
  /** Whether to add to what is there. */
  accumulate: number,
];

/** `out = op(x) op(y)` of matrices at addresses of the shared memory, in bytes. */
export type MemoryProduct = (x: number, y: number, out: number, ...sizes: ProductSizes) => void;

/** `out = op(x) op(y)` of matrices that begin where three arrays do. */
export type ArrayProduct = (x: FloatArray, y: FloatArray, out: FloatArray, ...sizes: ProductSizes) => void;

/** A library that was opened. */
export interface Blas {
  /** What it was opened by. */
  readonly name: string;
  /** Products in the memory of the programs, in so many threads. */
  memoryProduct(dtype: DType, threads: number): MemoryProduct;
  /** Products of arrays of one element type, in one thread. */
  arrayProduct(dtype: DType): ArrayProduct;
}

/** The constants of CBLAS: rows lie one after the other; a matrix as it is, and read as its transpose. */
const ROW_MAJOR = 101;
const PLAIN = 111;
const TRANSPOSED = 112;

/** CBLAS's product; with `matrix` as what its matrices are passed as. */
function gemm(name: string, real: "f32" | "f64", matrix: "usize" | "buffer"): Deno.ForeignFunction {
  const layout = ["i32", "i32", "i32", "i32", "i32", "i32"] as const;
  return {
    name,
    parameters: [...layout, real, matrix, "i32", matrix, "i32", real, matrix, "i32"],
    result: "void",
  };
}

function threadSetter(name: string): Deno.ForeignFunction {
  return { name, parameters: ["i32"], result: "void", optional: true };
}

const SYMBOLS: { readonly [name in keyof Functions]: Deno.ForeignFunction } = {
  float32Memory: gemm("cblas_sgemm", "f32", "usize"),
  float64Memory: gemm("cblas_dgemm", "f64", "usize"),
  float32Arrays: gemm("cblas_sgemm", "f32", "buffer"),
  float64Arrays: gemm("cblas_dgemm", "f64", "buffer"),
  openblasThreads: threadSetter("openblas_set_num_threads"),
  mklThreads: threadSetter("MKL_Set_Num_Threads"),
};

type Gemm<M> = (
  ...values: [
    ...[order: number, transposeX: number, transposeY: number, rows: number, columns: number, depth: number],
    ...[alpha: number, x: M, ldx: number, y: M, ldy: number, beta: number, out: M, ldo: number],
  ]
) => void;

/** What is called of a library; a library has one of the setters of threads, or none. */
interface Functions {
  /** Addresses are numbers: Deno takes them without making objects of them, but its types know big integers only. */
  readonly float32Memory: Gemm<number>;
  readonly float64Memory: Gemm<number>;
  readonly float32Arrays: Gemm<FloatArray>;
  readonly float64Arrays: Gemm<FloatArray>;
  readonly openblasThreads: ((count: number) => void) | null;
  readonly mklThreads: ((count: number) => void) | null;
}

/** How many threads were last asked for, and of which library: two names may stand for the same one. */
let last: { readonly setThreads: Functions["mklThreads"]; readonly count: number } = {
  setThreads: null,
  count: 0,
};

/**
 * Opens a library; it stays open as long as the process runs, since programs may call it at any time.
 *
 * @throws {Error} What the system says if it can't be opened, or is no BLAS
 */
export function openBlas(name: string): Blas {
  const symbols = Deno.dlopen(name, SYMBOLS).symbols as unknown as Functions;
  const setThreads = symbols.openblasThreads ?? symbols.mklThreads;
  const use = (count: number): void => {
    if (count === last.count && setThreads === last.setThreads) return;
    setThreads?.(count);
    last = { setThreads, count };
  };
  // Where the memory begins in the process: it stays there when it grows, as other threads know it too.
  const memory = Number(
    Deno.UnsafePointer.value(Deno.UnsafePointer.of(new Uint8Array(sharedMemory().buffer))),
  );
  return {
    name,
    memoryProduct(dtype, count) {
      const multiply = dtype === "float64" ? symbols.float64Memory : symbols.float32Memory;
      return (x, y, out, m, k, n, ldx, ldy, ldo, transposeX, transposeY, beta) => {
        use(count);
        const [left, right] = [operation(transposeX), operation(transposeY)];
        multiply(
          ROW_MAJOR,
          left,
          right,
          m,
          n,
          k,
          1,
          memory + x,
          ldx,
          memory + y,
          ldy,
          beta,
          memory + out,
          ldo,
        );
      };
    },
    arrayProduct(dtype) {
      const multiply = dtype === "float64" ? symbols.float64Arrays : symbols.float32Arrays;
      return (x, y, out, m, k, n, ldx, ldy, ldo, transposeX, transposeY, beta) => {
        use(1);
        const [left, right] = [operation(transposeX), operation(transposeY)];
        multiply(ROW_MAJOR, left, right, m, n, k, 1, x, ldx, y, ldy, beta, out, ldo);
      };
    },
  };
}

function operation(isTransposed: number): number {
  return isTransposed === 0 ? PLAIN : TRANSPOSED;
}
