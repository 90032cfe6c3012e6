/** The inner kernels of matrix products: blocks of sums that stay in registers while the depth passes by. */
import { type Address, i32, local, v128, type Vector } from "../wasm/writer.ts";
import {
  advance,
  clear,
  type Element,
  invoke,
  type Kernel,
  kernel,
  lesser,
  placeRows,
  repeat,
  repeatAny,
  repeatWhole,
  when,
} from "./element.ts";
import { LINES, PANEL_ROWS, TILE, TILE_BYTES, VECTOR } from "./parameters.ts";

/** Panels that the block of a single row spans. */
export const ROW_PANELS = 4;

/** Rows of the block that reads the left operand where it lies. */
const TILE_ROWS = 4;
/** Vectors across a block. */
const ACROSS = TILE_BYTES / VECTOR;
/** Locals that hold the addresses of rows. */
const FOUR_ROWS = ["row0", "row1", "row2", "row3"] as const;
const SIX_ROWS = ["row0", "row1", "row2", "row3", "row4", "row5"] as const;

const PANEL = ["x", "y", "depth", "out", "outRow", "accumulate"] as const;
const ROW = ["x", "xDepth", "depth", "y", "yDepth", "yTile", "out", "accumulate"] as const;
const COPY = ["from", "out", "outRow", "rows", "columns", "accumulate"] as const;

type Tile = Kernel<typeof TILE[number]>;
type Copy = Kernel<typeof COPY[number]>;
type Direct = Kernel<typeof TILE[number] | typeof LINES[number]>;

/** The kernels of products; see the functions that write them. */
export interface ProductKernels {
  readonly copy: Copy;
  readonly direct: Direct;
  readonly panel: Kernel<typeof PANEL[number]>;
  readonly row: Kernel<typeof ROW[number]>;
}

/** The kernels for one type of element. */
export function productKernels(e: Element): ProductKernels {
  const copy = copyKernel(e);
  return {
    copy,
    direct: directKernel(e, tileKernel(e, false), copy),
    panel: panelKernel(e),
    row: rowKernel(e),
  };
}

/** As `direct`, with the products of columns with columns, for convolutions of single channels. */
export function columnsKernel(e: Element, copy: ProductKernels["copy"]): ProductKernels["direct"] {
  return directKernel(e, tileKernel(e, true), copy);
}

/**
 * Sums for 4 rows of the left operand times one panel of the right, both where they lie. The depth is made of
 * `outer * inner` runs of `depth` elements, whose starts in the left operand are `xOuter` and `xInner` apart; in
 * the right operand they follow each other. If `rows` is less than 4, the last row stands in for those missing.
 * With `each`, the columns of the left operand are multiplied with those of the right instead of its rows.
 * All steps are in bytes.
 */
function tileKernel(e: Element, each: boolean): Tile {
  const sumCount = TILE_ROWS * ACROSS;
  return kernel(TILE, [...FOUR_ROWS, "k", "i"], sumCount + ACROSS + 1, (names, vectors) => {
    const { x, rows, xRow, xDepth, depth, inner, xInner, outer, xOuter, y, yDepth, out, outRow, k, i } =
      names;
    const at = FOUR_ROWS.map((name) => names[name]);
    const sums = vectors.slice(0, sumCount);
    const right = vectors.slice(sumCount, sumCount + ACROSS);
    const left = vectors[sumCount + ACROSS]!;
    sums.forEach(clear);
    placeRows(at, x, xRow, rows);
    // What is left to go after a run, and after all inner runs.
    local.set(xOuter, i32.sub(xOuter, i32.mul(inner, xInner)));
    local.set(xInner, i32.sub(xInner, i32.mul(depth, xDepth)));
    const step = () => {
      right.forEach((vector, j) => local.set(vector, v128.load({ offset: j * VECTOR }, y)));
      advance(y, yDepth);
      at.forEach((p, r) => {
        if (!each) local.set(left, e.loadSplat(0, p));
        right.forEach((vector, j) => {
          const sum = sums[r * ACROSS + j]!;
          if (each) local.set(left, v128.load({ offset: j * VECTOR }, p));
          local.set(sum, e.multiplyAdd(left, vector, sum));
        });
        advance(p, xDepth);
      });
    };
    repeat(outer, 1, () => {
      local.set(i, inner);
      repeat(i, 1, () => {
        local.set(k, depth);
        repeatWhole(k, 4, () => {
          for (let unrolled = 0; unrolled < 4; unrolled++) step();
        });
        repeatAny(k, step);
        at.forEach((p) => advance(p, xInner));
      });
      at.forEach((p) => advance(p, xOuter));
    });
    placeRows(at, out, outRow);
    finish(e, sums, at, names.accumulate);
  });
}

/**
 * Sums for 6 rows that were packed with every element repeated to a vector, times one packed panel. Loading such
 * vectors is faster than repeating elements on the way.
 */
function panelKernel(e: Element): ProductKernels["panel"] {
  const sumCount = PANEL_ROWS * ACROSS;
  return kernel(PANEL, SIX_ROWS, sumCount + ACROSS + 1, (names, vectors) => {
    const { x, y, depth, out, outRow, accumulate } = names;
    const at = SIX_ROWS.map((name) => names[name]);
    const sums = vectors.slice(0, sumCount);
    const right = vectors.slice(sumCount, sumCount + ACROSS);
    const left = vectors[sumCount + ACROSS]!;
    sums.forEach(clear);
    const steps = (count: number) => {
      for (let u = 0; u < count; u++) {
        right.forEach((vector, j) => local.set(vector, v128.load({ offset: (u * ACROSS + j) * VECTOR }, y)));
        for (let r = 0; r < PANEL_ROWS; r++) {
          local.set(left, v128.load({ offset: (u * PANEL_ROWS + r) * VECTOR }, x));
          multiplyRow(e, left, right, sums.slice(r * ACROSS));
        }
      }
      advance(x, count * PANEL_ROWS * VECTOR);
      advance(y, count * TILE_BYTES);
    };
    repeatWhole(depth, 4, () => steps(4));
    repeatAny(depth, () => steps(1));
    placeRows(at, out, outRow);
    finish(e, sums, at, accumulate);
  });
}

/** Sums for a single row times 4 panels, `yTile` bytes apart. */
function rowKernel(e: Element): ProductKernels["row"] {
  const sumCount = ROW_PANELS * ACROSS;
  return kernel(ROW, FOUR_ROWS, sumCount + 2, (names, vectors) => {
    const { x, xDepth, depth, y, yDepth, yTile, out, accumulate } = names;
    const at = FOUR_ROWS.map((name) => names[name]);
    const sums = vectors.slice(0, sumCount);
    const [left, right] = vectors.slice(sumCount) as [Vector, Vector];
    sums.forEach(clear);
    placeRows(at, y, yTile);
    const step = () => {
      local.set(left, e.loadSplat(0, x));
      advance(x, xDepth);
      sums.forEach((sum, i) => {
        local.set(right, v128.load({ offset: i % ACROSS * VECTOR }, at[Math.floor(i / ACROSS)]!));
        local.set(sum, e.multiplyAdd(left, right, sum));
      });
      at.forEach((p) => advance(p, yDepth));
    };
    repeatWhole(depth, 2, () => {
      step();
      step();
    });
    repeatAny(depth, step);
    finish(e, sums, [out], accumulate);
  });
}

/** The part of a block that lies within the result, for blocks at its edges. */
function copyKernel(e: Element): Copy {
  return kernel(COPY, ["source", "target", "rest"], 1, (names, vectors) => {
    const { from, out, outRow, rows, columns, accumulate, source, target, rest } = names;
    const vector = vectors[0]!;
    const move = (
      load: (address: Address) => ReturnType<typeof v128.load>,
      store: () => void,
      bytes: number,
    ) => {
      local.set(vector, load(source));
      local.get(accumulate);
      when(() => local.set(vector, e.add(load(target), vector)));
      store();
      advance(source, bytes);
      advance(target, bytes);
    };
    repeat(rows, 1, () => {
      local.set(source, from);
      local.set(target, out);
      local.set(rest, columns);
      repeatWhole(
        rest,
        e.lanes,
        () => move((a) => v128.load({}, a), () => v128.store({}, target, vector), VECTOR),
      );
      repeatAny(rest, () => move((a) => e.loadFirst(0, a), () => e.storeLane(0, 0, target, vector), e.bytes));
      advance(from, TILE_BYTES);
      advance(out, outRow);
    });
  });
}

/**
 * Rows of the left operand times panels of the right operand, `yTile` bytes apart, for `lines` sets of rows; the
 * other parameters are those of {@linkcode tileKernel}. From panel to panel the left operand advances by `xTile`.
 * `spare` is room for one block.
 */
function directKernel(e: Element, tile: Tile, copy: Copy): Direct {
  const across = ACROSS * e.lanes;
  const locals = ["panel", "target", "restColumns", "from", "at", "targetRow", "restRows"] as const;
  return kernel([...TILE, ...LINES], locals, 0, (names) => {
    const { x, y, out, rows, columns, accumulate, spare } = names;
    const { panel, target, restColumns, from, at, targetRow, restRows } = names;
    const factors = { ...names, x: at, y: panel, rows: restRows };
    repeat(names.lines, 1, () => {
      local.set(from, x);
      local.set(panel, y);
      local.set(target, out);
      local.set(restColumns, columns);
      repeat(restColumns, across, () => {
        local.set(at, from);
        local.set(targetRow, target);
        local.set(restRows, rows);
        repeat(restRows, TILE_ROWS, () => {
          i32.or(i32.lt_s(restRows, TILE_ROWS), i32.lt_s(restColumns, across));
          when(() => {
            invoke(tile, { ...factors, out: spare, outRow: TILE_BYTES, accumulate: 0 });
            invoke(copy, {
              from: spare,
              out: targetRow,
              outRow: names.outRow,
              rows: lesser(restRows, TILE_ROWS),
              columns: lesser(restColumns, across),
              accumulate,
            });
          }, () => invoke(tile, { ...factors, out: targetRow }));
          advance(at, names.xRow, TILE_ROWS);
          advance(targetRow, names.outRow, TILE_ROWS);
        });
        advance(from, names.xTile);
        advance(panel, names.yTile);
        advance(target, TILE_BYTES);
      });
      advance(x, names.xLine);
      advance(out, names.outLine);
    });
  });
}

/** Adds the products of one element, repeated, and the vectors across to the sums of a row. */
function multiplyRow(e: Element, left: Vector, right: readonly Vector[], sums: readonly Vector[]): void {
  right.forEach((vector, j) => local.set(sums[j]!, e.multiplyAdd(left, vector, sums[j]!)));
}

/** Stores sums in rows, added to what is there if `accumulate` is not zero. */
function finish(
  e: Element,
  sums: readonly Vector[],
  rows: readonly Address[],
  accumulate: Address,
): void {
  const across = sums.length / rows.length;
  const each = (run: (sum: Vector, offset: number, row: Address) => void) =>
    sums.forEach((sum, i) => run(sum, i % across * VECTOR, rows[Math.floor(i / across)]!));
  local.get(accumulate);
  when(() => each((sum, offset, row) => local.set(sum, e.add(v128.load({ offset }, row), sum))));
  each((sum, offset, row) => v128.store({ offset }, row, sum));
}
