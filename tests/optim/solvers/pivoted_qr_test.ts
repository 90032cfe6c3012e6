import { assertAlmostEquals, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import fc from "npm:fast-check@4";
import { factorize, inverseOfNormal, solveLower, solveUpper } from "../../../src/optim/solvers/pivoted_qr.ts";
import { dampedStep } from "../../../src/optim/solvers/trust_region.ts";
import { dot, norm } from "../../../src/optim/solvers/vectors.ts";

const number = fc.double({ min: -10, max: 10, noNaN: true }).map((x) => Math.round(x * 64) / 64);
const column = (m: number): fc.Arbitrary<Float64Array> =>
  fc.array(number, { minLength: m, maxLength: m }).map((list) => Float64Array.from(list));
/** The columns of a matrix with at least as many rows as columns, and a right-hand side. */
const system = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 3 })).chain(([n, more]) =>
  fc.record({ columns: fc.array(column(n + more), { minLength: n, maxLength: n }), b: column(n + more) })
);

function copy(columns: readonly Float64Array[]): Float64Array[] {
  return columns.map((c) => c.slice());
}

Deno.test("a factorisation keeps all inner products, and its diagonal falls", () => {
  fc.assert(fc.property(system, ({ columns, b }) => {
    const n = columns.length;
    const { r, pivots, qtb } = factorize(copy(columns), b.slice());
    assertEquals([...pivots].sort(), columns.map((_, j) => j));
    const place = (j: number): Float64Array => Float64Array.from({ length: n }, (_, i) => r[i * n + j]!);
    for (let j = 0; j < n; j++) {
      for (let k = 0; k <= j; k++) {
        const expected = dot(columns[pivots[j]!]!, columns[pivots[k]!]!);
        assertAlmostEquals(dot(place(j), place(k)), expected, 1e-11);
      }
      assertAlmostEquals(dot(place(j), qtb), dot(columns[pivots[j]!]!, b), 1e-11);
      if (j > 0) assertLessOrEqual(Math.abs(r[j * n + j]!), Math.abs(r[(j - 1) * n + j - 1]!) * (1 + 1e-12));
    }
  }));
});

Deno.test("triangular systems are solved, and a singular one from its regular part", () => {
  const r = new Float64Array([2, 1, 0, 4]);
  assertEquals([...solveUpper(r, new Float64Array([4, 8]))], [1, 2]);
  assertEquals([...solveLower(r, new Float64Array([4, 10]))], [2, 2]);
  assertEquals([...solveUpper(new Float64Array([2, 1, 0, 0]), new Float64Array([4, 8]))], [2, 0]);
});

Deno.test("the inverse of the normal matrix does not mind unlike scales, and needs full rank", () => {
  const inverse = inverseOfNormal([new Float64Array([1e-200, 0]), new Float64Array([0, 1e120])])!;
  assertAlmostEquals(inverse[3]! * 1e240, 1, 1e-14);
  const normal = inverseOfNormal([new Float64Array([1, 1, 1]), new Float64Array([0, 1, 2])])!;
  [5 / 6, -1 / 2, -1 / 2, 1 / 2].forEach((value, i) => assertAlmostEquals(normal[i]!, value, 1e-14));
  assertEquals(inverseOfNormal([new Float64Array([1, 2, 3]), new Float64Array([2, 4, 6])]), undefined);
  assertEquals(inverseOfNormal([new Float64Array(2)]), undefined);
});

Deno.test("a damped step solves the damped equations and stays within the radius", () => {
  const scales = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 4, maxLength: 4 });
  const radii = fc.double({ min: 1e-3, max: 100, noNaN: true });
  fc.assert(fc.property(system, scales, radii, radii, ({ columns, b }, weights, radius, last) => {
    const scale = Float64Array.from(columns, (_, j) => weights[j]!);
    const { step, damping } = dampedStep(factorize(copy(columns), b.slice()), scale, radius, last);
    const length = norm(step.map((value, j) => value * scale[j]!));
    assertGreaterOrEqual(damping, 0);
    assertLessOrEqual(length, 1.1 * radius * (1 + 1e-9), `${length} > ${radius}`);
    if (damping === 0) return;
    const residual = b.map((value, i) => value + columns.reduce((sum, c, j) => sum + c[i]! * step[j]!, 0));
    columns.forEach((c, j) => {
      const size = norm(c) * norm(b) + damping * scale[j]! ** 2 * norm(step) + 1e-3;
      assertLessOrEqual(Math.abs(dot(c, residual) + damping * scale[j]! ** 2 * step[j]!), 1e-9 * size);
    });
  }));
});
