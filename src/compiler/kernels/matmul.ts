/** Matrix products of any size, from the inner kernels. */
import { $, type Address, i32, local, memory, return_ } from "../wasm/writer.ts";
import {
  advance,
  type Element,
  invoke,
  type Kernel,
  kernel,
  lesser,
  repeat,
  repeatWhole,
  setLesser,
  setProduct,
  setSum,
  when,
} from "./element.ts";
import type { PackKernels } from "./pack.ts";
import {
  BATCH,
  DEPTH_BLOCK,
  LEFT_BYTES,
  MATMUL,
  PACKED_MATMUL,
  PANELS,
  SPARE_BYTES,
  TILE_BYTES,
} from "./parameters.ts";
import { type ProductKernels, ROW_PANELS } from "./product.ts";
import type { MatrixTranspose } from "./transpose.ts";

/** Panels that are packed at a time for rows that are read where they lie. */
const FEW_PANELS = 8;
/** Rows that pass by a panel, so that it and they stay in the cache. */
const ROW_BLOCK = 48;
/** Up to here the right operand is read where it lies. */
const FEW_ROWS = 16;
/** From here on it pays to transpose a left operand whose rows are not stored as such. */
const MANY_ROWS = 24;
const MANY_COLUMNS = 48;
/** A block of the depth and some packed or unpacked panels, for all rows. */
const BLOCK = [
  "x",
  "rows",
  "xRow",
  "xDepth",
  "depth",
  "y",
  "yDepth",
  "yTile",
  "columns",
  "out",
  "outRow",
] as const;
const ROOM = ["accumulate", "spare"] as const;

type Matmul = Kernel<typeof MATMUL[number]>;
type Block = Kernel<typeof BLOCK[number] | typeof ROOM[number]>;

/** The kernels of whole matrix products; see the functions that write them. */
export interface MatmulKernels {
  readonly matmul: Matmul;
  readonly matmulBatch: Kernel<typeof MATMUL[number] | typeof BATCH[number]>;
  readonly matmulPacked: Kernel<typeof PACKED_MATMUL[number]>;
}

/** The kernels for one type of element. */
export function matmulKernels(
  e: Element,
  product: ProductKernels,
  pack: PackKernels,
  transpose: MatrixTranspose,
): MatmulKernels {
  const plainRows = plainRowsKernel(e, product);
  const transposedRows = transposedRowsKernel(e, transpose, plainRows);
  const matmul = matmulKernel(e, pack, transposedRows, plainRows);
  return {
    matmul,
    matmulBatch: batchKernel(matmul),
    matmulPacked: packedKernel(e, transposedRows, plainRows),
  };
}

/**
 * `out = op(x) op(y)`, added to `out` if `accumulate` is not zero. Leading dimensions are in elements.
 * With `transposeX`, x is stored as `[depth, rows]`; with `transposeY`, y as `[columns, depth]`.
 */
function matmulKernel(e: Element, pack: PackKernels, transposedRows: Block, plainRows: Block): Matmul {
  const steps = ["xRow", "xDepth", "yRow", "yColumn", "yDepth", "outRow"] as const;
  const locals = [
    ...steps,
    "block",
    "rest",
    "width",
    "most",
    "y1",
    "out1",
    "right",
    "many",
    "turned",
    "inPlace",
  ] as const;
  const across = TILE_BYTES / e.bytes;
  return kernel(MATMUL, locals, 0, (n) => {
    const { x, y, out, rows, depth, columns, accumulate, block, rest, width, most, y1, out1 } = n;
    i32.or(i32.le_s(rows, 0), i32.le_s(columns, 0));
    when(return_);
    i32.le_s(depth, 0);
    when(() => {
      i32.eqz(accumulate);
      when(() => clearRows(e, out, rows, columns, n.ldo));
      return_();
    });
    turnColumn(n);
    setSteps(e, n.ldx, () => i32.eqz(n.transposeX), n.xRow, n.xDepth);
    setSteps(e, n.ldy, () => local.get(n.transposeY), n.yColumn, n.yDepth);
    setProduct(n.yRow, n.ldy, e.bytes);
    setProduct(n.outRow, n.ldo, e.bytes);
    local.set(n.many, i32.and(i32.ge_s(rows, MANY_ROWS), i32.ge_s(columns, MANY_COLUMNS)));
    // A vector that was turned has no rows to transpose.
    local.set(n.turned, i32.and(n.many, i32.ne(n.xDepth, e.bytes)));
    local.set(n.inPlace, i32.and(i32.le_s(rows, FEW_ROWS), i32.eqz(n.transposeY)));
    local.set(most, FEW_PANELS * across);
    setSum(n.right, n.scratch, SPARE_BYTES);
    local.get(n.many);
    when(() => {
      local.set(most, PANELS * across);
      lesser(depth, DEPTH_BLOCK)();
      local.set(n.right, i32.add(i32.mul($, LEFT_BYTES), n.right));
    });
    repeat(depth, DEPTH_BLOCK, () => {
      setLesser(block, depth, DEPTH_BLOCK);
      local.set(rest, columns);
      local.set(y1, y);
      local.set(out1, out);
      repeat(rest, most, () => {
        setLesser(width, rest, most);
        const values = {
          ...{ x, rows, xRow: n.xRow, xDepth: n.xDepth, depth: block, columns: width },
          ...{ out: out1, outRow: n.outRow, accumulate, spare: n.scratch },
        };
        local.get(n.inPlace);
        when(
          () => invoke(plainRows, { ...values, y: y1, yDepth: n.yDepth, yTile: TILE_BYTES }),
          () => {
            const yTile = () => i32.mul(block, TILE_BYTES);
            const { right, transposeY } = n;
            invoke(pack.right, {
              ...{ y: y1, yRow: n.yRow, transpose: transposeY, depth: block, columns: width, out: right },
              panelBytes: yTile,
            });
            const packed = { ...values, y: right, yDepth: TILE_BYTES, yTile };
            local.get(n.turned);
            when(() => invoke(transposedRows, packed), () => invoke(plainRows, packed));
          },
        );
        advance(y1, n.yColumn, most);
        advance(out1, most, e.bytes);
      });
      advance(x, n.xDepth, DEPTH_BLOCK);
      advance(y, n.yDepth, DEPTH_BLOCK);
      local.set(accumulate, 1);
    });
  });
}

/**
 * As `matmul`, of a right operand that was packed as a whole: panels that `packRight` has written, each as deep as
 * the product. Every element is summed in the same order. Nothing is added, and neither the depth nor the columns
 * may be 0.
 */
function packedKernel(e: Element, transposedRows: Block, plainRows: Block): MatmulKernels["matmulPacked"] {
  const locals = ["xRow", "xDepth", "outRow", "yTile", "block", "accumulate", "turned"] as const;
  return kernel(PACKED_MATMUL, locals, 0, (n) => {
    const { x, y, depth, rows, columns, block, accumulate, turned } = n;
    setSteps(e, n.ldx, () => i32.eqz(n.transposeX), n.xRow, n.xDepth);
    setProduct(n.outRow, n.ldo, e.bytes);
    setProduct(n.yTile, depth, TILE_BYTES);
    local.set(turned, i32.and(i32.ge_s(rows, MANY_ROWS), i32.ne(n.xDepth, e.bytes)));
    repeat(depth, DEPTH_BLOCK, () => {
      setLesser(block, depth, DEPTH_BLOCK);
      const values = {
        ...{ x, rows, xRow: n.xRow, xDepth: n.xDepth, depth: block, columns, y, yDepth: TILE_BYTES },
        ...{ yTile: n.yTile, out: n.out, outRow: n.outRow, accumulate, spare: n.scratch },
      };
      local.get(turned);
      when(() => invoke(transposedRows, values), () => invoke(plainRows, values));
      advance(x, n.xDepth, DEPTH_BLOCK);
      advance(y, DEPTH_BLOCK * TILE_BYTES);
      local.set(accumulate, 1);
    });
  });
}

/** Fills the rows of a result with zeros. */
function clearRows(e: Element, out: Address, rows: Address, columns: Address, ldo: Address): void {
  repeat(rows, 1, () => {
    local.get(out);
    i32.const(0);
    i32.mul(columns, e.bytes);
    memory.fill();
    advance(out, ldo, e.bytes);
  });
}

/** A result of one column is computed as the row that it is the transpose of. */
function turnColumn(n: Record<typeof MATMUL[number], Address>): void {
  i32.and(i32.eq(n.columns, 1), i32.eq(n.ldo, 1));
  when(() => {
    for (const [a, b] of [[n.x, n.y], [n.ldx, n.ldy], [n.rows, n.columns]] as const) {
      local.get(a);
      local.set(a, b);
      local.set(b);
    }
    i32.eqz(n.transposeX);
    local.set(n.transposeX, i32.eqz(n.transposeY));
    local.set(n.transposeY);
  });
}

/** Sets the steps of a matrix, in bytes, along the axis outside of the product and along the depth. */
function setSteps(
  e: Element,
  ld: Address,
  depthIsInner: () => unknown,
  outside: Address,
  depth: Address,
): void {
  local.set(outside, e.bytes);
  setProduct(depth, ld, e.bytes);
  depthIsInner();
  when(() => {
    local.set(outside, depth);
    local.set(depth, e.bytes);
  });
}

/** As `plainRows`, of rows that are stored as columns: they are transposed, some at a time. */
function transposedRowsKernel(e: Element, transpose: MatrixTranspose, plainRows: Block): Block {
  const most = LEFT_BYTES / e.bytes;
  return kernel([...BLOCK, ...ROOM], ["left", "count"], 0, (n) => {
    const { x, rows, depth, out, left, count } = n;
    setSum(left, n.spare, SPARE_BYTES);
    repeat(rows, most, () => {
      setLesser(count, rows, most);
      invoke(transpose, {
        ...{ x, out: left, rows: depth, columns: count, ldo: depth },
        ldx: () => i32.div_u(n.xDepth, e.bytes),
      });
      const xRow = () => i32.mul(depth, e.bytes);
      invoke(plainRows, { ...n, x: left, rows: count, xRow, xDepth: e.bytes });
      advance(x, n.xRow, most);
      advance(out, n.outRow, most);
    });
  });
}

/** Rows where they lie times panels, or times the right operand where it lies. */
function plainRowsKernel(e: Element, product: ProductKernels): Block {
  const whole = ROW_PANELS * TILE_BYTES / e.bytes;
  return kernel([...BLOCK, ...ROOM], ["count"], 0, (n) => {
    const { x, rows, y, yTile, columns, out, count } = n;
    i32.eq(rows, 1);
    when(() => {
      repeatWhole(columns, whole, () => {
        invoke(product.row, n);
        advance(y, yTile, ROW_PANELS);
        advance(out, ROW_PANELS * TILE_BYTES);
      });
      i32.eqz(columns);
      when(return_);
    });
    repeat(rows, ROW_BLOCK, () => {
      setLesser(count, rows, ROW_BLOCK);
      const single = { xTile: 0, inner: 1, xInner: 0, outer: 1, xOuter: 0, lines: 1, xLine: 0, outLine: 0 };
      invoke(product.direct, { ...n, ...single, rows: count });
      advance(x, n.xRow, ROW_BLOCK);
      advance(out, n.outRow, ROW_BLOCK);
    });
  });
}

/** `count` products of matrices that are `xStep`, `yStep` and `outStep` bytes apart. */
function batchKernel(matmul: Matmul): MatmulKernels["matmulBatch"] {
  return kernel([...BATCH, ...MATMUL], [], 0, (n) => {
    i32.le_s(n.count, 0);
    when(return_);
    repeat(n.count, 1, () => {
      invoke(matmul, n);
      advance(n.x, n.xStep);
      advance(n.y, n.yStep);
      advance(n.out, n.outStep);
    });
  });
}
