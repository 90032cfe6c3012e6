/** The inner kernels of matrix products: blocks of sums that stay in registers while the depth passes by. */
import { type Address, br_if, i32, local, loop, v128, type Vector } from "../wasm/writer.ts";
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
import { LINES, TILE, TILE_BYTES, VECTOR } from "./parameters.ts";

/** Panels that the block of a single row spans. */
export const ROW_PANELS = 4;

/** Steps along the depth between two looks at the count: engines check more than that at the end of a loop. */
const UNROLLED = 16;
/** Vectors across a block. */
const ACROSS = TILE_BYTES / VECTOR;
/** Locals that hold the addresses of rows. */
const FOUR_ROWS = ["row0", "row1", "row2", "row3"] as const;
const SIX_ROWS = ["row0", "row1", "row2", "row3", "row4", "row5"] as const;

const ROW = ["x", "xDepth", "depth", "y", "yDepth", "yTile", "out", "accumulate"] as const;
const COPY = ["from", "out", "outRow", "rows", "columns", "accumulate"] as const;

type Tile = Kernel<typeof TILE[number]>;
type Copy = Kernel<typeof COPY[number]>;
type Direct = Kernel<typeof TILE[number] | typeof LINES[number]>;

/** The kernels of products; see the functions that write them. */
export interface ProductKernels {
  readonly copy: Copy;
  readonly direct: Direct;
  readonly row: Kernel<typeof ROW[number]>;
}

/** Where the elements lie that a block reads of the left operand: see {@linkcode tileKernel}. */
type Reading = "along" | "across" | "anywhere" | "columns";

/** The kernels for one type of element. */
export function productKernels(e: Element): ProductKernels {
  const copy = copyKernel(e);
  const [along, across] = (["along", "across"] as const).map((reading) => tileKernel(e, SIX_ROWS, reading));
  return {
    copy,
    direct: directKernel(e, tileKernel(e, FOUR_ROWS, "anywhere"), copy, { along: along!, across: across! }),
    row: rowKernel(e),
  };
}

/** As `direct`, with the products of columns with columns, for convolutions of single channels. */
export function columnsKernel(e: Element, copy: ProductKernels["copy"]): ProductKernels["direct"] {
  return directKernel(e, tileKernel(e, FOUR_ROWS, "columns"), copy);
}

/**
 * Sums for some rows of the left operand times one panel of the right, both where they lie. The depth is made of
 * `outer * inner` runs of `depth` elements, whose starts in the left operand are `xOuter` and `xInner` apart; in
 * the right operand they follow each other. If `rows` is less than it could be, the last row stands in for those
 * missing. All steps are in bytes.
 *
 * @param reading Whether the left operand's elements follow each other along the depth or from row to row, or lie
 *   anywhere; or whether its columns are multiplied with those of the right instead of its rows
 */
function tileKernel<R extends string>(e: Element, rowNames: readonly R[], reading: Reading): Tile {
  const sumCount = rowNames.length * ACROSS;
  return kernel(TILE, [...rowNames, "k", "i"], sumCount + ACROSS + 1, (names, vectors) => {
    const { x, rows, xRow, xDepth, depth, inner, xInner, outer, xOuter, y, yDepth, out, outRow, k, i } =
      names;
    const at = rowNames.map((name) => names[name]);
    const sums = vectors.slice(0, sumCount);
    const right = vectors.slice(sumCount, sumCount + ACROSS);
    const left = vectors[sumCount + ACROSS]!;
    // Rows that follow each other are read from the first one's address.
    const moving = reading === "across" ? at.slice(0, 1) : at;
    sums.forEach(clear);
    placeRows(at, x, xRow, rows);
    // What is left to go after a run, and after all inner runs.
    local.set(xOuter, i32.sub(xOuter, i32.mul(inner, xInner)));
    local.set(xInner, i32.sub(xInner, i32.mul(depth, xDepth)));
    const step = (u: number) => {
      right.forEach((vector, j) => local.set(vector, v128.load({ offset: j * VECTOR }, y)));
      advance(y, yDepth);
      at.forEach((p, r) => {
        if (reading === "along") local.set(left, e.loadSplat(u * e.bytes, p));
        else if (reading === "across") local.set(left, e.loadSplat(r * e.bytes, at[0]!));
        else if (reading === "anywhere") local.set(left, e.loadSplat(0, p));
        right.forEach((vector, j) => {
          const sum = sums[r * ACROSS + j]!;
          if (reading === "columns") local.set(left, v128.load({ offset: j * VECTOR }, p));
          local.set(sum, e.multiplyAdd(left, vector, sum));
        });
        if (reading === "anywhere" || reading === "columns") advance(p, xDepth);
      });
      if (reading === "across") advance(at[0]!, xDepth);
    };
    const steps = (count: number) => {
      for (let u = 0; u < count; u++) step(u);
      if (reading === "along") at.forEach((p) => advance(p, count * e.bytes));
    };
    repeat(outer, 1, () => {
      local.set(i, inner);
      repeat(i, 1, () => {
        local.set(k, depth);
        repeatWhole(k, UNROLLED, () => steps(UNROLLED));
        repeatWhole(k, 4, () => steps(4));
        repeatAny(k, () => steps(1));
        moving.forEach((p) => advance(p, xInner));
      });
      moving.forEach((p) => advance(p, xOuter));
    });
    placeRows(at, out, outRow);
    finish(e, sums, at, names.accumulate);
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

/** Blocks of six rows, by how they read the left operand. */
type SixRows = Readonly<Record<"along" | "across", Tile>>;

/**
 * Rows of the left operand times panels of the right operand, `yTile` bytes apart, for `lines` sets of rows; the
 * other parameters are those of {@linkcode tileKernel}. From panel to panel the left operand advances by `xTile`.
 * `spare` is room for one block.
 *
 * @param four The block of the last four rows, or of any
 * @param six The blocks of six rows, if there are any; then `xDepth` or `xRow` is the size of an element
 */
function directKernel(e: Element, four: Tile, copy: Copy, six?: SixRows): Direct {
  const across = ACROSS * e.lanes;
  const locals = ["panel", "target", "restColumns", "from", "at", "targetRow", "restRows"] as const;
  return kernel([...TILE, ...LINES], locals, 0, (names) => {
    const { x, y, out, rows, columns, accumulate, spare } = names;
    const { panel, target, restColumns, from, at, targetRow, restRows } = names;
    const factors = { ...names, x: at, y: panel, rows: restRows };
    const block = (height: number, call: (place: Place) => void): void => {
      i32.or(i32.lt_s(restRows, height), i32.lt_s(restColumns, across));
      when(() => {
        call({ out: spare, outRow: TILE_BYTES, accumulate: 0 });
        invoke(copy, {
          from: spare,
          out: targetRow,
          outRow: names.outRow,
          rows: lesser(restRows, height),
          columns: lesser(restColumns, across),
          accumulate,
        });
      }, () => call({ out: targetRow, outRow: names.outRow, accumulate }));
      advance(at, names.xRow, height);
      advance(targetRow, names.outRow, height);
    };
    const sixRows = ({ along, across }: SixRows) => (place: Place): void => {
      i32.eq(names.xDepth, e.bytes);
      when(() => invoke(along, { ...factors, ...place }), () => invoke(across, { ...factors, ...place }));
    };
    repeat(names.lines, 1, () => {
      local.set(from, x);
      local.set(panel, y);
      local.set(target, out);
      local.set(restColumns, columns);
      repeat(restColumns, across, () => {
        local.set(at, from);
        local.set(targetRow, target);
        local.set(restRows, rows);
        if (six !== undefined) {
          // Five rows are done as six.
          i32.ge_s(restRows, FOUR_ROWS.length + 1);
          when(() =>
            loop(null, (label) => {
              block(SIX_ROWS.length, sixRows(six));
              local.set(restRows, i32.sub(restRows, SIX_ROWS.length));
              i32.ge_s(restRows, FOUR_ROWS.length + 1);
              br_if(label);
            })
          );
        }
        i32.ge_s(restRows, 1);
        when(() =>
          repeat(
            restRows,
            FOUR_ROWS.length,
            () => block(FOUR_ROWS.length, (place) => invoke(four, { ...factors, ...place })),
          )
        );
        advance(from, names.xTile);
        advance(panel, names.yTile);
        advance(target, TILE_BYTES);
      });
      advance(x, names.xLine);
      advance(out, names.outLine);
    });
  });
}

/** Where a block is written. */
type Place = Record<"out" | "outRow" | "accumulate", Address | number>;

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
