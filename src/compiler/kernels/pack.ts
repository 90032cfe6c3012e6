/** Kernels that bring operands of matrix products into the order in which the products read them. */
import { i32, local, v128 } from "../wasm/writer.ts";
import {
  advance,
  type Element,
  invoke,
  type Kernel,
  kernel,
  placeRows,
  repeat,
  repeatAny,
  repeatWhole,
  when,
} from "./element.ts";
import { RIGHT, TILE_BYTES, VECTOR } from "./parameters.ts";

/** Some rows as the columns of a matrix. */
const TRANSPOSE = ["from", "fromRow", "rows", "length", "out", "outRow"] as const;

/** The kernels that pack; see the functions that write them. */
export interface PackKernels {
  readonly right: Kernel<typeof RIGHT[number]>;
  readonly transpose: Kernel<typeof TRANSPOSE[number]>;
}

/** The kernels for one type of element. */
export function packKernels(e: Element): PackKernels {
  const transpose = transposeKernel(e);
  return { right: rightKernel(e, transpose), transpose };
}

/**
 * Packs panels. Of a panel that is not full the rest holds what follows in memory, or what was there; the
 * products of these are not used.
 */
function rightKernel(e: Element, transpose: PackKernels["transpose"]): PackKernels["right"] {
  const locals = ["from", "to", "k"] as const;
  const across = TILE_BYTES / e.bytes;
  return kernel(RIGHT, locals, 0, (names) => {
    const { y, yRow, depth, columns, out, panelBytes, from, to, k } = names;
    repeat(columns, across, () => {
      local.get(names.transpose);
      when(() => {
        local.set(from, y);
        local.set(to, out);
        local.set(k, columns);
        for (let half = 0; half < TILE_BYTES; half += VECTOR) {
          i32.ge_s(k, 1);
          when(() =>
            invoke(transpose, { from, fromRow: yRow, rows: k, length: depth, out: to, outRow: TILE_BYTES })
          );
          advance(from, yRow, e.lanes);
          advance(to, VECTOR);
          advance(k, -e.lanes);
        }
        advance(y, yRow, across);
      }, () => {
        local.set(from, y);
        local.set(to, out);
        local.set(k, depth);
        repeat(k, 1, () => {
          for (let offset = 0; offset < TILE_BYTES; offset += VECTOR) {
            local.get(to);
            v128.load({ offset }, from);
            v128.store({ offset });
          }
          advance(from, yRow);
          advance(to, TILE_BYTES);
        });
        advance(y, TILE_BYTES);
      });
      advance(out, panelBytes);
    });
  });
}

/**
 * Writes as many rows as a vector has lanes, or `rows` if less, of which the last is then repeated, as columns:
 * `length` vectors, `outRow` bytes apart.
 */
function transposeKernel(e: Element): PackKernels["transpose"] {
  const rowNames = (["row0", "row1", "row2", "row3"] as const).slice(0, e.lanes);
  return kernel(TRANSPOSE, rowNames, 2 * e.lanes, (names, vectors) => {
    const at = rowNames.map((name) => names[name]);
    const { rows, length, out, outRow } = names;
    const block = vectors.slice(0, e.lanes);
    placeRows(at, names.from, names.fromRow, rows);
    repeatWhole(length, e.lanes, () => {
      at.forEach((p, r) => {
        local.set(block[r]!, v128.load({}, p));
        advance(p, VECTOR);
      });
      e.transpose(block, vectors.slice(e.lanes));
      for (const vector of block) {
        v128.store({}, out, vector);
        advance(out, outRow);
      }
    });
    repeatAny(length, () => {
      const vector = block[0]!;
      at.forEach((p, r) => {
        local.set(vector, r === 0 ? e.loadFirst(0, p) : e.loadLane(r, p, vector));
        advance(p, e.bytes);
      });
      v128.store({}, out, vector);
      advance(out, outRow);
    });
  });
}
