/** Loops of random steps: what is taken out of them, or kept, changes no result. */
import { assertAlmostEquals } from "@std/assert";
import { compile, constant, grad, scan, type Variable, zeros } from "../../../../mod.ts";

type Weights = { readonly [name: string]: Variable };

/** Numbers from 0 to 1 that look random. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** What a step may do with values that it has, all of `[rows, units]`. */
const OPERATIONS: readonly ((x: Variable, y: Variable, w: Weights) => Variable)[] = [
  (x, _, w) => x.matmul(w["a"]!),
  (x, _, w) => x.matmul(w["b"]!).add(w["c"]!),
  (x, y, w) => x.matmul(w["d"]!).slice([0, 1], [x.shape[0]!, x.shape[1]!]).mul(y),
  (x, _, w) => x.matmul(w["a"]!.transpose()),
  (x) => x.tanh(),
  (x, y) => x.mul(y),
  (x, y) => x.add(y).sigmoid(),
  (x) => x.sub(x.mean({ axis: 0, keepDims: true })),
  (x, _, w) => x.add(w["c"]!),
];

/** A loop of a random step, and one over its outputs. */
function makeProgram(
  seed: number,
): { slopes: (w: Weights, xs: Variable) => Weights; w: Weights; xs: Variable } {
  const next = random(seed);
  const below = (n: number): number => Math.floor(next() * n);
  const draw = (shape: readonly number[]): Variable =>
    constant(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.6 * (next() - 0.5)))
      .reshape(shape);
  const [rows, units, length] = [1 + below(5), 8 + below(2), 8 + below(5)];
  const choices = Array.from(
    { length: 9 },
    (_, k) => [below(OPERATIONS.length), below(3 + k), below(3 + k)] as const,
  );
  const start = zeros([rows, units]);
  const loss = (w: Weights, xs: Variable): Variable => {
    const step = ([h, c]: readonly [Variable, Variable], x: Variable) => {
      const values = [h, c, x];
      for (const [what, i, j] of choices) values.push(OPERATIONS[what]!(values[i]!, values[j]!, w));
      const [third, second, last] = values.slice(-3) as [Variable, Variable, Variable];
      return [[last.tanh(), second.mul(0.5)] as const, [third, h] as const] as const;
    };
    const [[h, c], [ys, hs]] = scan(step, [start.add(0.1), start] as const, xs);
    const [g] = scan((s: Variable, y: Variable) => [s.matmul(w["b"]!).add(y).tanh(), []] as const, h, ys);
    return g.square().sum().add(c.sum()).add(ys.mul(hs).sum());
  };
  return {
    slopes: (w, xs) => {
      const [byWeights, byInputs] = grad(loss as (w: Weights, xs: Variable) => Variable, { argnums: [0, 1] })(
        w,
        xs,
      );
      return { ...byWeights as Weights, xs: byInputs as Variable };
    },
    w: { a: draw([units, units]), b: draw([units, units]), c: draw([units]), d: draw([units, 2 * units]) },
    xs: draw([length, rows, units]),
  };
}

Deno.test("gradients of loops of 60 random steps are the eager ones", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { slopes, w, xs } = makeProgram(seed);
    const [found, expected] = [compile(slopes)(w, xs), slopes(w, xs)];
    for (const [name, { data }] of Object.entries(expected)) {
      const scale = Math.max(1, ...Array.from(data, Math.abs));
      data.forEach((x, i) =>
        assertAlmostEquals(found[name]!.data[i]!, x, 1e-12 * scale, `program ${seed}, ${name} ${i}`)
      );
    }
  }
});

Deno.test("a product that a loop gives out anyway is read by the walk back as it is", () => {
  const w = { u: constant(Float64Array.from({ length: 64 }, (_, i) => 0.3 * Math.sin(i))).reshape([8, 8]) };
  const network = (v: Weights, x: Variable): Variable =>
    scan(
      (h: Variable, t: Variable) => {
        const product = h.add(t).matmul(v["u"]!);
        return [product.tanh(), product] as const;
      },
      zeros([2, 8]),
      x,
    )[1].square().sum();
  const slopes = (v: Weights, x: Variable): Weights =>
    grad(network as (v: Weights, x: Variable) => Variable)(v, x) as Weights;
  const x = constant(Float64Array.from({ length: 192 }, (_, i) => Math.cos(i))).reshape([12, 2, 8]);
  const [found, expected] = [compile(slopes)(w, x)["u"]!.data, slopes(w, x)["u"]!.data];
  expected.forEach((value, i) => assertAlmostEquals(found[i]!, value, 1e-11));
});
