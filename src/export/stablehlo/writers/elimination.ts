import { type Shape, sizeOf } from "../../../array/shape.ts";
import type { Body, Tensor } from "../body.ts";
import { largestAndWhere } from "./reductions.ts";
import type { Writing } from "./writing.ts";

/** Matrices along one leading axis. */
export function matricesOf(body: Body, x: Tensor): Tensor {
  return body.reshape(x, [sizeOf(x.shape.slice(0, -2)), ...x.shape.slice(-2)]);
}

/**
 * Writes something for matrices along one leading axis.
 *
 * @param shape The shape of the result, with all leading axes
 * @param inputs Matrices
 */
export function withMatrices(
  body: Body,
  shape: Shape,
  inputs: readonly Tensor[],
  write: (inputs: Tensor[]) => Tensor,
): Tensor {
  if (shape.includes(0)) return body.constant(0, shape, inputs[0]!.type);
  return body.reshape(write(inputs.map((x) => matricesOf(body, x))), shape);
}

/** What elimination finds. */
export interface Elimination {
  /** The solutions for the right-hand sides, NaN for a singular matrix. */
  readonly solution: Tensor;
  /** The determinant of each matrix. */
  readonly product: Tensor;
  /** Its sign. */
  readonly sign: Tensor;
  /** The logarithm of its size. */
  readonly log: Tensor;
}

/**
 * Gauss-Jordan elimination with the largest pivot of each column, for all matrices at once.
 *
 * @param m Square matrices `[count, n, n]`
 * @param sides Right-hand sides `[count, n, columns]`
 */
export function eliminate({ body, ops, type }: Writing<unknown>, m: Tensor, sides: Tensor): Elimination {
  const [count, n] = m.shape as [number, number, number];
  const one = body.constant(1, [count], type);
  const zero = body.constant(0, [count], type);
  if (n === 0) return { solution: sides, product: one, sign: one, log: zero };
  const width = n + sides.shape[2]!;
  const start = sides.shape[2] === 0 ? m : body.concat([m, sides], 2);
  const [whole, product, sign, log] = body.repeat(n, [start, one, one, zero], [], (k, [a, p, s, l]) => {
    const origin = body.constant(0, [], "i32");
    const rows = body.iota([count, n], 1, "i32");
    const here = body.broadcast(k, [count, n]);
    const isHere = body.compare("EQ", rows, here);
    const column = body.reshape(body.dynamicSlice(a!, [origin, origin, k], [count, n, 1]), [count, n]);
    const candidates = body.select(
      body.compare("GE", rows, here),
      body.elementwise("abs", column),
      body.constant(-1, [count, n], type),
    );
    const best = largestAndWhere(body, candidates, rows, 1, [count]);
    const isBest = body.compare("EQ", rows, body.broadcast(best, [count, n], [0]));
    const only = (condition: Tensor, x: Tensor): Tensor =>
      body.reduce("add", body.select(condition, x, body.constant(0, x.shape, type)), [1], 0);
    const spread = (condition: Tensor): Tensor => body.broadcast(condition, [count, n, width], [0, 1]);
    const pivot = only(isBest, column);
    const divisor = body.broadcast(ops.where(ops.eq(pivot, 0), 1, pivot), [count, width], [0]);
    const pivotRow = body.reshape(ops.div(only(spread(isBest), a!), divisor), [count, 1, width]);
    // The row that stood here goes where the pivot was.
    const replaced = body.dynamicSlice(a!, [origin, k, origin], [count, 1, width]);
    const swapped = body.select(spread(isBest), body.broadcast(replaced, [count, n, width]), a!);
    const head = body.broadcast(body.dynamicSlice(column, [origin, k], [count, 1]), [count, n]);
    const factors = body.select(
      isHere,
      body.constant(0, [count, n], type),
      body.select(isBest, head, column),
    );
    const rest = ops.sub(swapped, ops.mul(body.reshape(factors, [count, n, 1]), pivotRow));
    const isStill = body.compare("EQ", best, body.broadcast(k, [count]));
    const turn = body.select(isStill, body.constant(1, [count], type), body.constant(-1, [count], type));
    const signed = ops.mul(pivot, turn);
    return [
      body.select(spread(isHere), body.broadcast(pivotRow, [count, n, width]), rest),
      ops.mul(p!, signed),
      ops.mul(s!, ops.sign(signed)),
      ops.add(l!, ops.log(ops.abs(pivot))),
    ];
  }) as [Tensor, Tensor, Tensor, Tensor];
  const found = body.part(whole, 2, n, width);
  const isSingular = body.broadcast(body.compare("EQ", sign, zero), found.shape, [0]);
  return {
    solution: body.select(isSingular, body.constant(NaN, found.shape, type), found),
    product,
    sign,
    log,
  };
}
