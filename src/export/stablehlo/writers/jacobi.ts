/** Eigenvalues and singular values by Jacobi rotations, for all matrices at once. */
import type { Body, Tensor } from "../body.ts";
import { householder } from "./householder.ts";
import { RIGHT, transposed, unitMatrices } from "./matrices.ts";
import type { Writing } from "./writing.ts";

/** Rotations converge long before so many passes over all pairs. */
const SWEEPS = 60;

/** The distance of 1 to the next number. */
function precisionOf(type: Tensor["type"]): number {
  return type === "f32" ? 2 ** -23 : 2 ** -52;
}

/** Sine and cosine of the rotation that makes what two rows have in common 0. */
function rotation(
  { ops }: Writing<unknown>,
  first: Tensor,
  second: Tensor,
  common: Tensor,
  isNegligible: Tensor,
): { sine: Tensor; cosine: Tensor } {
  const tau = ops.div(ops.sub(second, first), ops.mul(ops.where(isNegligible, 1, common), 2));
  const size = ops.add(ops.abs(tau), ops.hypot(1, tau));
  const tangent = ops.where(isNegligible, 0, ops.div(ops.where(ops.lt(tau, 0), -1, 1), size));
  const cosine = ops.div(1, ops.hypot(1, tangent));
  return { sine: ops.mul(tangent, cosine), cosine };
}

/** Rotates slices p and q along an axis. */
function rotate(
  { body, ops }: Writing<unknown>,
  x: Tensor,
  axis: 1 | 2,
  [p, q]: readonly [Tensor, Tensor],
  { sine, cosine }: { sine: Tensor; cosine: Tensor },
): Tensor {
  const origin = body.constant(0, [], "i32");
  const sizes = x.shape.map((length, i) => i === axis ? 1 : length);
  const at = (k: Tensor): Tensor[] => axis === 1 ? [origin, k, origin] : [origin, origin, k];
  const [a, b] = [p, q].map((k) => body.dynamicSlice(x, at(k), sizes)) as [Tensor, Tensor];
  const next = ops.sub(ops.mul(cosine, a), ops.mul(sine, b));
  const other = ops.add(ops.mul(sine, a), ops.mul(cosine, b));
  return body.dynamicUpdate(body.dynamicUpdate(x, next, at(p)), other, at(q));
}

/** Does something for all pairs `p < q` of n. */
function forPairs(
  body: Body,
  n: number,
  state: readonly Tensor[],
  step: (pair: readonly [Tensor, Tensor], state: Tensor[]) => Tensor[],
): Tensor[] {
  const number = (value: number): Tensor => body.constant(value, [], "i32");
  const found = body.loop(
    [number(0), number(1), ...state],
    ([p]) => body.compare("LT", p!, number(n - 1)),
    ([p, q, ...values]) => {
      const next = step([p!, q!], values);
      const plus = (x: Tensor, by: number): Tensor => body.elementwise("add", x, number(by));
      const isLast = body.compare("EQ", q!, number(n - 1));
      return [body.select(isLast, plus(p!, 1), p!), body.select(isLast, plus(p!, 2), plus(q!, 1)), ...next];
    },
  );
  return found.slice(2);
}

/**
 * Eigenvalues `[count, 1, n]`, ascending, and eigenvectors `[count, n, n]` of symmetric matrices (Golub and Van Loan,
 * section 8.5); the largest element of each vector is positive.
 */
export function eigenvectors(w: Writing<unknown>, m: Tensor): { values: Tensor; vectors: Tensor } {
  const { body, ops, type } = w;
  const [count, n] = m.shape as [number, number, number];
  const all = { axes: [1, 2], keepDims: true };
  const tiny = ops.mul(ops.norm(m, { ...all, order: 2 }), precisionOf(type) / 20);
  const start = [body.constant(0, [], "i32"), m, unitMatrices(body, [count, n, n], type), tiny];
  const [, turned, rows] = body.loop(start, ([sweep, a, , limit]) => {
    const isOff = body.compare("NE", body.iota([n, n], 0, "i32"), body.iota([n, n], 1, "i32"));
    const off = body.select(body.broadcast(isOff, a!.shape), ops.abs(a!), body.constant(0, a!.shape, type));
    const isLarge = body.compare("GT", off, body.broadcast(limit!, a!.shape));
    const isOpen = body.reduce("or", isLarge, [0, 1, 2], 0);
    return body.elementwise("and", isOpen, body.compare("LT", sweep!, body.constant(SWEEPS, [], "i32")));
  }, ([sweep, a0, v0, limit]) => {
    const [a1, v1, kept] = forPairs(body, n, [a0!, v0!, limit!], ([p, q], [a, v, least]) => {
      const origin = body.constant(0, [], "i32");
      const at = (i: Tensor, j: Tensor): Tensor => body.dynamicSlice(a!, [origin, i, j], [count, 1, 1]);
      const common = at(p, q);
      const isNegligible = ops.le(ops.abs(common), least!);
      const by = rotation(w, at(p, p), at(q, q), common, isNegligible);
      const both = rotate(w, rotate(w, a!, 1, [p, q], by), 2, [p, q], by);
      // What the rotation removes is 0 but for rounding.
      const left = ops.mul(body.dynamicSlice(both, [origin, p, q], [count, 1, 1]), isNegligible);
      const cleared = body.dynamicUpdate(body.dynamicUpdate(both, left, [origin, p, q]), left, [
        origin,
        q,
        p,
      ]);
      return [cleared, rotate(w, v!, 1, [p, q], by), least!];
    });
    return [body.elementwise("add", sweep!, body.constant(1, [], "i32")), a1!, v1!, kept!];
  }) as [Tensor, Tensor, Tensor, Tensor];
  const found = ops.sum(ops.mul(turned, unitMatrices(body, [count, n, n], type)), {
    axes: [2],
    keepDims: false,
  });
  const order = ops.argSort(found, { axis: 1, descending: false });
  const sorted = sortRows(w, rows, order);
  return {
    values: body.reshape(ops.takeAlongAxis(found, order, { axis: 1 }), [count, 1, n]),
    vectors: transposed(body, ops.mul(sorted, signsOfLargest(w, sorted))),
  };
}

/** Rows in another order. */
function sortRows({ body, ops }: Writing<unknown>, rows: Tensor, order: Tensor): Tensor {
  return ops.takeAlongAxis(rows, body.broadcast(order, rows.shape, [0, 1]), { axis: 1 });
}

/** The sign of the largest element of each row, of the first one where several are equal but for rounding. */
function signsOfLargest({ ops, type }: Writing<unknown>, rows: Tensor): Tensor {
  const size = ops.abs(rows);
  const largest = ops.max(size, { axes: [2], keepDims: true });
  const isLargest = ops.ge(size, ops.mul(largest, 1 - (type === "f32" ? 1e-5 : 1e-9)));
  const where = ops.argMax(isLargest, { axis: 2 });
  const places = ops.reshape(where, { shape: [...rows.shape.slice(0, 2), 1] });
  return ops.where(ops.lt(ops.takeAlongAxis(rows, places, { axis: 2 }), 0), -1, 1);
}

/**
 * Left vectors `[count, rows, n]`, singular values `[count, 1, n]`, descending, and right vectors `[count, n, n]` of
 * matrices with at least as many rows as columns (Hestenes 1958; Demmel and Veselic 1992); the largest element of each
 * right vector is positive.
 */
export function singularVectors(
  w: Writing<unknown>,
  m: Tensor,
): { left: Tensor; values: Tensor; right: Tensor } {
  const { body, ops, type } = w;
  const [count, rows, n] = m.shape as [number, number, number];
  const eps = precisionOf(type);
  const columns = transposed(body, m);
  const total = ops.sum(ops.square(m), { axes: [1, 2], keepDims: true });
  const start = [
    body.constant(0, [], "i32"),
    body.constant(1, [], type),
    columns,
    unitMatrices(body, [count, n, n], type),
    ops.mul(total, type === "f32" ? 1e-16 : 1e-36),
  ];
  const [, , turned, turns] = body.loop(start, ([sweep, rotated]) =>
    body.elementwise(
      "and",
      body.compare("NE", rotated!, body.constant(0, [], type)),
      body.compare("LT", sweep!, body.constant(SWEEPS, [], "i32")),
    ), ([sweep, , a0, v0, limit]) => {
    const still = body.constant(0, [], type);
    const [moved, a1, v1, kept] = forPairs(
      body,
      n,
      [still, a0!, v0!, limit!],
      ([p, q], [on, a, v, least]) => {
        const origin = body.constant(0, [], "i32");
        const row = (k: Tensor): Tensor => body.dynamicSlice(a!, [origin, k, origin], [count, 1, rows]);
        const [x, y] = [row(p), row(q)];
        const dot = (s: Tensor, t: Tensor): Tensor => ops.matmul(s, t, RIGHT);
        const [xx, yy, xy] = [dot(x, x), dot(y, y), dot(x, y)];
        const scale = ops.mul(ops.sqrt(xx), ops.sqrt(yy));
        const isSmall = ops.maximum(
          ops.le(ops.minimum(xx, yy), least!),
          ops.le(ops.abs(xy), ops.mul(scale, eps / 2)),
        );
        const by = rotation(w, xx, yy, xy, isSmall);
        // Angles that no longer change a column are rounding.
        const turnsMore = ops.mul(ops.gt(ops.abs(xy), ops.mul(scale, 2 * eps)), ops.sub(1, isSmall));
        const any = body.reduce("maximum", turnsMore, [0, 1, 2], 0);
        return [
          body.elementwise("maximum", on!, any),
          rotate(w, a!, 1, [p, q], by),
          rotate(w, v!, 1, [p, q], by),
          least!,
        ];
      },
    );
    return [
      body.elementwise("add", sweep!, body.constant(1, [], "i32")),
      moved!,
      a1!,
      v1!,
      kept!,
    ];
  }) as [Tensor, Tensor, Tensor, Tensor, Tensor];
  const norms = ops.norm(turned, { axes: [2], keepDims: false, order: 2 });
  const order = ops.argSort(norms, { axis: 1, descending: true });
  const values = ops.takeAlongAxis(norms, order, { axis: 1 });
  const right = sortRows(w, turns, order);
  const signs = signsOfLargest(w, right);
  const left = leftVectors(w, ops.mul(sortRows(w, turned, order), signs), values);
  return {
    left,
    values: body.reshape(values, [count, 1, n]),
    right: transposed(body, ops.mul(right, signs)),
  };
}

/** Columns of length 1; where a singular value is 0, any that are orthogonal to all others. */
function leftVectors(w: Writing<unknown>, rows: Tensor, values: Tensor): Tensor {
  const { body, ops, type } = w;
  const [count, n] = values.shape as [number, number];
  const largest = ops.max(values, { axes: [1], keepDims: true });
  const isFound = body.reshape(
    ops.gt(values, ops.mul(largest, type === "f32" ? 1e-6 : 1e-15)),
    [count, 1, n],
  );
  const lengths = ops.where(isFound, body.reshape(values, [count, 1, n]), 1);
  const found = ops.where(isFound, ops.div(transposed(body, rows), lengths), 0);
  return ops.where(isFound, found, householder(w, found).q);
}
