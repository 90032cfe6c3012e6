// All minors of one size are one batch, so that the e ell! operations are a few operations for each size; none is
// remembered, though many are equal. Only small matrices are done as a whole, and compiled: of a large one each
// minor is expanded on its own, and again on the way back, so that the tape never holds more than one of them.
import { checkpoint, compile, constant, grad, NdArray, type Variable } from "../../mod.ts";
import type { Evaluation } from "./evaluation.ts";
import { Input } from "./input.ts";

/** The largest matrix that is expanded as a whole: a batch of 8! minors. */
const WHOLE = 8;

/** For each size of minor, from the whole matrix down to 1 by 1: where in the matrix their first rows stand. */
type Places = readonly NdArray[];

function determinant(matrix: Variable, placesOf: (size: number) => Places): Variable {
  const [size] = matrix.shape as [number];
  if (size <= WHOLE) return expand(matrix.reshape([-1]), placesOf(size)).sum();
  const minor = checkpoint((x: Variable) => determinant(x, placesOf));
  const below = matrix.slice([1, 0]);
  let sum = constant(0);
  for (let j = 0; j < size; j++) {
    const others = Array.from({ length: size - 1 }, (_, i) => i < j ? i : i + 1);
    const term = matrix.slice([0, j], [1, 1]).sum().mul(minor(below.gather(others, { axis: 1 })));
    sum = j % 2 === 0 ? sum.add(term) : sum.sub(term);
  }
  return sum;
}

/** The determinants of a batch of minors: their first rows times the minors of those, with changing signs. */
function expand(entries: Variable, [first, ...rest]: Places): Variable {
  const [count, size] = first!.shape as [number, number];
  const row = entries.gather(first!);
  if (size === 1) return row.reshape([count]);
  const signs = new NdArray(Float64Array.from({ length: size }, (_, j) => j % 2 === 0 ? 1 : -1));
  const minors = expand(entries, rest).reshape([count, size]);
  return row.mul(signs).mul(minors).sum({ axis: 1 });
}

/** Lists the columns of all minors, each with those that its own minors have taken out of it. */
function listPlaces(size: number): Places {
  const places: NdArray[] = [];
  let columns = Float64Array.from({ length: size }, (_, i) => i);
  for (let k = size, count = 1; k >= 1; count *= k, k--) {
    const start = (size - k) * size;
    places.push(new NdArray(columns.map((column) => start + column), [count, k]));
    const next = new Float64Array(count * k * (k - 1));
    for (let i = 0, at = 0; i < columns.length; i += k) {
      for (let out = i; out < i + k; out++) {
        for (let j = i; j < i + k; j++) if (j !== out) next[at++] = columns[j]!;
      }
    }
    columns = next;
  }
  return places;
}

/** The determinant, with lists that are made when they are first needed. */
function makeDeterminant(): (matrix: Variable) => Variable {
  const known: Places[] = [];
  const placesOf = (size: number): Places => known[size] ??= listPlaces(size);
  return (matrix) => determinant(matrix, placesOf);
}

function read(input: unknown): Variable {
  const fields = new Input(input);
  const ell = fields.integer("ell", 1);
  return constant(new NdArray(fields.vector("A", ell * ell), [ell, ell]));
}

/** Compiled where a matrix is expanded as a whole. */
function compileSmall<F extends (matrix: Variable) => Variable>(f: F, matrix: Variable): F {
  return matrix.shape[0]! <= WHOLE ? compile(f) : f;
}

export const det: Evaluation = {
  primal: (input) => {
    const matrix = read(input);
    const f = compileSmall(makeDeterminant(), matrix);
    return () => f(matrix).item();
  },
  gradient: (input) => {
    const matrix = read(input);
    const f = makeDeterminant();
    const gradient = compileSmall((a: Variable) => grad(f)(a), matrix);
    return () => gradient(matrix).toArray().data;
  },
};
