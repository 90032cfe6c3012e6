/** Transposing whole matrices. */
import { i32, local, return_, type Vector } from "../wasm/writer.ts";
import {
  advance,
  type Element,
  invoke,
  type Kernel,
  kernel,
  repeat,
  repeatAny,
  repeatWhole,
  setLesser,
  setProduct,
  when,
} from "./element.ts";
import type { PackKernels } from "./pack.ts";
import { MATRIX } from "./parameters.ts";

/** Columns that are written at a time, so that what is written stays in the cache until its lines are full. */
const COLUMN_BLOCK = 16;

/** What transposes a matrix. */
export type MatrixTranspose = Kernel<typeof MATRIX[number]>;

/** Writes `[rows, columns]` as `[columns, rows]`; leading dimensions are in elements. */
export function matrixTransposeKernel(e: Element, transpose: PackKernels["transpose"]): MatrixTranspose {
  const locals = ["xRow", "outRow", "width", "from", "to", "rest", "source", "target", "k"] as const;
  return kernel(MATRIX, locals, 1, (n, [vector]) => {
    const { x, out, rows, columns, xRow, outRow, width, from, to, rest } = n;
    i32.or(i32.le_s(rows, 0), i32.le_s(columns, 0));
    when(return_);
    setProduct(xRow, n.ldx, e.bytes);
    setProduct(outRow, n.ldo, e.bytes);
    repeat(columns, COLUMN_BLOCK, () => {
      setLesser(width, columns, COLUMN_BLOCK);
      local.set(from, x);
      local.set(to, out);
      local.set(rest, rows);
      repeatWhole(rest, e.lanes, () => {
        invoke(transpose, { from, fromRow: xRow, rows: e.lanes, length: width, out: to, outRow });
        advance(from, xRow, e.lanes);
        advance(to, e.lanes * e.bytes);
      });
      repeatAny(rest, () => {
        copyColumn(e, n, vector!);
        advance(from, xRow);
        advance(to, e.bytes);
      });
      advance(x, e.bytes * COLUMN_BLOCK);
      advance(out, outRow, COLUMN_BLOCK);
    });
  });
}

/** Writes the part of one row at `from` as the part of a column at `to`. */
function copyColumn(
  e: Element,
  n: Record<"from" | "to" | "width" | "outRow" | "source" | "target" | "k", Parameters<typeof advance>[0]>,
  vector: Vector,
): void {
  local.set(n.source, n.from);
  local.set(n.target, n.to);
  local.set(n.k, n.width);
  repeat(n.k, 1, () => {
    local.set(vector, e.loadFirst(0, n.source));
    e.storeLane(0, 0, n.target, vector);
    advance(n.source, e.bytes);
    advance(n.target, n.outRow);
  });
}
