/** How linear algebra is written: triangular systems and Cholesky factors as such, all else by loops over columns. */
import { PADE, RADIUS } from "../../../array/linear_algebra/matrix_exp.ts";
import type { Attributes } from "../../../primitives/mod.ts";
import type { Tensor } from "../body.ts";
import { typeText } from "../types.ts";
import { eliminate, matricesOf, withMatrices } from "./elimination.ts";
import { householder } from "./householder.ts";
import { eigenvectors, singularVectors } from "./jacobi.ts";
import { PLAIN, RIGHT, transposed, unitMatrices } from "./matrices.ts";
import { triangleMask } from "./shapes.ts";
import { first, second, type Writer, type Writing } from "./writing.ts";

/** Half the sum of each matrix and its transpose. */
function symmetricPart(w: Writing<unknown>, x: Tensor): Tensor {
  return w.ops.mul(w.ops.add(x, transposed(w.body, x)), 0.5);
}

export const cholesky: Writer<undefined> = (w) => {
  const { body, shape, type } = w;
  if (shape.includes(0)) return first(w);
  const whole = body.value(
    `stablehlo.cholesky ${symmetricPart(w, first(w)).name}, lower = true : ${typeText(shape, type)}`,
    shape,
    type,
  );
  return body.select(triangleMask(body, shape, false, 0), whole, body.constant(0, shape, type));
};

export const triangularSolve: Writer<Attributes<"triangularSolve">> = (w) => {
  const { body, shape, attributes: { upper, transpose, unitDiagonal } } = w;
  if (shape.includes(0)) return body.constant(0, shape, w.type);
  const batch = shape.slice(0, -2);
  const [a, b] = w.inputs.map((x) => body.broadcast(x, [...batch, ...x.shape.slice(-2)])) as [Tensor, Tensor];
  const [found] = body.withRegions(
    "triangular_solve",
    [a, b],
    `left_side = true, lower = ${!upper}, transpose_a = #stablehlo<transpose ${
      transpose ? "TRANSPOSE" : "NO_TRANSPOSE"
    }>, unit_diagonal = ${unitDiagonal}`,
    [],
    [b],
  );
  return found!;
};

export const solve: Writer<Attributes<"solve">> = (w) => {
  const { body, shape, attributes } = w;
  const batch = shape.slice(0, -2);
  const [a, b] = [first(w), second(w)].map((x) => body.broadcast(x, [...batch, ...x.shape.slice(-2)]));
  const system = attributes.transpose ? transposed(body, a!) : a!;
  return withMatrices(body, shape, [system, b!], ([m, sides]) => eliminate(w, m!, sides!).solution);
};

export const inverse: Writer<undefined> = (w) => {
  const { body, shape, type } = w;
  return withMatrices(
    body,
    shape,
    [first(w), unitMatrices(body, shape, type)],
    ([m, unit]) => eliminate(w, m!, unit!).solution,
  );
};

/** Sign and logarithm of the size of each determinant. */
function determinantParts(w: Writing<undefined>): { sign: Tensor; log: Tensor; product: Tensor } {
  const m = matricesOf(w.body, first(w));
  const none = w.body.constant(0, [m.shape[0]!, m.shape[1]!, 0], w.type);
  return eliminate(w, m, none);
}

export const determinant: Writer<undefined> = (w) => w.body.reshape(determinantParts(w).product, w.shape);

export const determinantSign: Writer<undefined> = (w) => w.body.reshape(determinantParts(w).sign, w.shape);

export const logDeterminant: Writer<undefined> = (w) => w.body.reshape(determinantParts(w).log, w.shape);

export const qr: Writer<undefined> = (w) =>
  withMatrices(w.body, w.shape, [first(w)], ([m]) => {
    const { q, r } = householder(w, m!);
    return w.body.concat([q, r], 1);
  });

export const eigh: Writer<undefined> = (w) =>
  withMatrices(w.body, w.shape, [symmetricPart(w, first(w))], ([m]) => {
    const { values, vectors } = eigenvectors(w, m!);
    return w.body.concat([values, vectors], 1);
  });

export const svd: Writer<undefined> = (w) =>
  withMatrices(w.body, w.shape, [first(w)], ([m]) => {
    const { left, values, right } = singularVectors(w, m!);
    return w.body.concat([left, values, right], 1);
  });

export const pseudoInverse: Writer<Attributes<"pseudoInverse">> = (w) => {
  const { body, ops, attributes: { tolerance } } = w;
  const [rows, columns] = first(w).shape.slice(-2) as [number, number];
  const isWide = rows < columns;
  const tall = isWide ? transposed(body, first(w)) : first(w);
  const shape = isWide ? transposed(body, body.constant(0, w.shape, w.type)).shape : w.shape;
  const found = withMatrices(body, shape, [tall], ([m]) => {
    const { left, values, right } = singularVectors(w, m!);
    const largest = ops.max(values, { axes: [2], keepDims: true });
    const isKept = ops.gt(values, ops.mul(largest, tolerance));
    const factors = ops.where(isKept, ops.div(1, ops.where(isKept, values, 1)), 0);
    return ops.matmul(ops.mul(right, factors), left, RIGHT);
  });
  return isWide ? transposed(body, found) : found;
};

/** Computes in float64, as products of many numbers lose too much in float32. */
export function inDoubles(write: Writer<undefined, Tensor>): Writer<undefined, Tensor> {
  return (w) => {
    const inputs = w.inputs.map((x) => w.body.convert(x, "f64"));
    const found = write({ ...w, inputs, dtype: "float64", type: "f64", ops: w.wideOps });
    return w.body.convert(found, w.type);
  };
}

/** The cofactors by the singular values: products of all others, which no division is needed for. */
export const cofactor: Writer<undefined, Tensor> = (w) => {
  const { body, ops } = w;
  return withMatrices(body, w.shape, [first(w)], ([m]) => {
    const n = m!.shape[1]!;
    if (n === 1) return body.constant(1, m!.shape, w.type);
    const { left, values, right } = singularVectors(w, m!);
    const others = Array.from({ length: n }, (_, i) => {
      const rest = [body.part(values, 2, 0, i), body.part(values, 2, i + 1, n)];
      return body.reshape(ops.prod(body.concat(rest, 2), { axis: 2 }), [m!.shape[0]!, 1, 1]);
    });
    const none = body.constant(0, [m!.shape[0]!, n, 0], w.type);
    const signs = [left, right].map((q) => eliminate(w, q, none).sign) as [Tensor, Tensor];
    const turn = body.reshape(ops.mul(signs[0], signs[1]), [m!.shape[0]!, 1, 1]);
    const inner = ops.mul(ops.mul(left, body.concat(others, 2)), turn);
    return ops.matmul(inner, right, RIGHT);
  });
};

/** Scaling and squaring: Higham, "The scaling and squaring method for the matrix exponential revisited", 2005. */
export const matrixExp: Writer<undefined> = (w) => {
  const { body, ops, type } = w;
  return withMatrices(body, w.shape, [first(w)], ([m]) => {
    const [count, n] = m!.shape as [number, number, number];
    const one = ops.max(ops.sum(ops.abs(m!), { axes: [1], keepDims: true }), { axes: [2], keepDims: true });
    const wanted = ops.ceil(ops.log2(ops.div(ops.maximum(one, RADIUS), RADIUS)));
    const squarings = ops.where(ops.lt(one, Infinity), wanted, 0);
    const a = ops.mul(m!, ops.exp2(ops.neg(squarings)));
    const unit = unitMatrices(body, [count, n, n], type);
    const start = approximant(w, a, unit);
    const most = body.reduce("maximum", squarings, [0, 1, 2], 0);
    const [, result] = body.loop(
      [body.constant(0, [], type), start, squarings, most],
      ([i, , , end]) => body.compare("LT", i!, end!),
      ([i, x, each, end]) => {
        const isOn = body.compare("LT", body.broadcast(i!, each!.shape), each!);
        const squared = ops.matmul(x!, x!, PLAIN);
        const next = body.select(body.broadcast(isOn, x!.shape), squared, x!);
        return [ops.add(i!, 1), next, each!, end!];
      },
    );
    return result!;
  });
};

/** `(V - U)^-1 (V + U)` with the odd part U and the even part V of the polynomial. */
function approximant(w: Writing<undefined>, a: Tensor, unit: Tensor): Tensor {
  const { ops } = w;
  const a2 = ops.matmul(a, a, PLAIN);
  const a4 = ops.matmul(a2, a2, PLAIN);
  const a6 = ops.matmul(a4, a2, PLAIN);
  const weighted = (terms: readonly (readonly [Tensor, number])[]): Tensor =>
    terms.map(([x, factor]) => ops.mul(x, factor)).reduce((x, y) => ops.add(x, y));
  const polynomial = (parity: 0 | 1): Tensor => {
    const b = (k: number): number => PADE[2 * k + parity]!;
    const high = weighted([[a6, b(6)], [a4, b(5)], [a2, b(4)]]);
    const low = weighted([[a6, b(3)], [a4, b(2)], [a2, b(1)], [unit, b(0)]]);
    return ops.add(ops.matmul(a6, high, PLAIN), low);
  };
  const u = ops.matmul(a, polynomial(1), PLAIN);
  const v = polynomial(0);
  return eliminate(w, ops.sub(v, u), ops.add(v, u)).solution;
}
