/** Functions times transforms: compiled they give what they give eagerly, and really run in WebAssembly. */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  categoricalCrossEntropy,
  checkpoint,
  checkpointLoop,
  compile,
  constant,
  conv2d,
  customJvp,
  customVjp,
  einsum,
  grad,
  hessian,
  hvp,
  inverse,
  jacobian,
  jacobianForward,
  jacobianReverse,
  jvp,
  linearize,
  NdArray,
  scaledDotProductAttention,
  stack,
  stopGradient,
  valueAndGrad,
  type Variable,
  vjp,
  vmap,
  where,
} from "../../../mod.ts";
import { randomNumbers } from "../../compiler/random_programs.ts";

/** A constant of random numbers between -1 and 1. */
function random(seed: number, ...shape: number[]): Variable {
  const next = randomNumbers(seed);
  const size = shape.reduce((a, b) => a * b, 1);
  return constant(new NdArray(Float64Array.from({ length: size }, () => 2 * next() - 1), shape));
}

type Loss = (x: Variable) => Variable;

/** Parts of a flat vector in the given shapes. */
function split(x: Variable, shapes: readonly (readonly number[])[]): Variable[] {
  let start = 0;
  return shapes.map((shape) => {
    const end = start + shape.reduce((a, b) => a * b, 1);
    const part = x.slice([start], [end - start]).reshape(shape);
    start = end;
    return part;
  });
}

const data = random(1, 10, 4);
const labels = constant([0, 1, 1, 0, 1, 0, 0, 1, 1, 0]);
const classes = constant([...Array(10).keys()].map((i) => [0, 1, 2].map((k) => i % 3 === k ? 1 : 0)));
const targets = random(2, 10, 2);
const square = customVjp((x: Variable) => x.square(), {
  forward: (x: Variable) => [x.square(), x] as const,
  backward: (x: Variable, g: Variable) => [g.mul(x).mul(2)],
});
const cube = customJvp(
  (x: Variable) => x.pow(3),
  ([x]: readonly [Variable], [t]: readonly [Variable]) => [x.pow(3), t.mul(x.square()).mul(3)] as const,
);

/** Functions of one Variable with a rank-0 result, and where they are taken. */
const FUNCTIONS: { readonly [name: string]: readonly [f: Loss, at: Variable] } = {
  "the Rosenbrock function": [(x) => {
    const [a, b] = [x.slice([0], [5]), x.slice([1], [5])];
    return b.sub(a.square()).square().mul(100).add(a.neg().add(1).square()).sum();
  }, random(3, 6)],
  "the Rosenbrock function of single numbers": [(x) => {
    const parts = [0, 1, 2, 3].map((i) => x.slice([i], [1]).reshape([]));
    let sum: Variable = constant(0);
    for (let i = 0; i < 3; i++) {
      const [a, b] = [parts[i]!, parts[i + 1]!];
      sum = sum.add(b.sub(a.mul(a)).square().mul(100)).add(a.neg().add(1).square());
    }
    return sum;
  }, random(4, 4)],
  "a polynomial": [(x) => x.mul(x).mul(x).sub(x.mul(2)).add(0.5), constant(0.7)],
  "logistic regression": [(x) => {
    const [w, b] = split(x, [[4], []]);
    const scores = data.matmul(w!.reshape([4, 1])).reshape([10]).add(b!);
    return scores.softplus().sub(scores.mul(labels)).mean();
  }, random(5, 5)],
  "softmax regression": [(x) => categoricalCrossEntropy(classes, data.matmul(x)), random(6, 4, 3)],
  "a small network": [(x) => {
    const [w1, b1, w2, b2] = split(x, [[4, 3], [3], [3, 2], [2]]);
    const hidden = data.matmul(w1!).add(b1!).tanh();
    return hidden.matmul(w2!).add(b2!).sub(targets).square().mean();
  }, random(7, 23)],
  "an einsum": [(x) => einsum("ij,jk,ki->", x, random(8, 4, 2), random(9, 2, 3)).square(), random(10, 3, 4)],
  "attention": [(x) => {
    const [q, k, v] = split(x, [[3, 2], [4, 2], [4, 3]]);
    return scaledDotProductAttention(q!, k!, v!).square().sum();
  }, random(11, 26)],
  "a convolution": [(x) => conv2d(random(12, 2, 5, 5, 1), x).relu().square().sum(), random(13, 3, 3, 1, 2)],
  "a logarithm of sums": [(x) => x.logSumExp({ axis: 1 }).sum().add(x.max()), random(14, 3, 4)],
  "branches on elements": [
    (x) => where(x.gt(0), x.exp(), x.mul(2)).mul(stopGradient(x)).sum(),
    random(15, 7),
  ],
  "a linear solve": [
    (x) => inverse(x.add(constant([[3, 0, 0], [0, 3, 0], [0, 0, 3]]))).mul(random(16, 3, 3)).sum(),
    random(17, 3, 3),
  ],
  "a part that is computed again": [
    (x) => checkpoint((y: Variable) => y.sin().mul(y))(x.exp()).sum(),
    random(18, 4),
  ],
  "a loop that is computed again": [
    (x) => checkpointLoop((s: Variable) => s.sin().add(s.mul(0.3)), x, 7).sum(),
    random(19, 4),
  ],
  "rules of one's own": [(x) => square(x.sin()).sum().add(cube(x).sum()), random(20, 4)],
  "a branch on a value": [(x) => x.sum().gt(100).truthy() ? x.sum() : x.sin().sum(), random(21, 4)],
  "a mapped function": [
    (x) => vmap((row: Variable) => row.softmax().mul(row).sum())(x).square().sum(),
    random(22, 3, 4),
  ],
};

/** Transforms, each with what it is applied to. */
const TRANSFORMS: {
  readonly [name: string]: (f: Loss, at: Variable) => readonly [(...x: never[]) => unknown, unknown[]];
} = {
  "the function": (f, at) => [f, [at]],
  grad: (f, at) => [grad(f), [at]],
  valueAndGrad: (f, at) => [valueAndGrad(f), [at]],
  vjp: (f, at) => [(x: Variable, g: Variable) => {
    const [y, pull] = vjp(f)(x);
    return [y, pull(g)];
  }, [at, constant(1.5)]],
  jvp: (f, at) => [(x: Variable, t: Variable) => jvp(f)([x], [t]), [at, random(90, ...at.shape)]],
  linearize: (f, at) => [(x: Variable, t: Variable) => {
    const [y, linear] = linearize(f)(x);
    return [y, linear(t), linear(t.mul(2))];
  }, [at, random(91, ...at.shape)]],
  jacobian: (f, at) => [jacobian((x: Variable) => stack([f(x), f(x.mul(0.5))])), [at]],
  jacobianForward: (f, at) => [jacobianForward((x: Variable) => f(x).mul(x)), [at]],
  jacobianReverse: (f, at) => [jacobianReverse((x: Variable) => f(x).mul(x)), [at]],
  hessian: (f, at) => [hessian(f), [at]],
  hvp: (f, at) => [hvp(f), [at, random(92, ...at.shape)]],
  "grad of grad": (f, at) => [grad((x: Variable) => grad(f)(x).square().sum()), [at]],
  vmap: (f, at) => [vmap(f), [stack([at, at.mul(0.5), at.neg()])]],
  "vmap of grad": (f, at) => [vmap(grad(f) as Loss), [stack([at, at.mul(0.5), at.neg()])]],
  "grad of checkpoint": (f, at) => [grad(checkpoint(f)), [at]],
};

/** Pairs that can't be: one branch can't serve a whole batch. */
const REFUSED: ReadonlySet<string> = new Set([
  "vmap of a branch on a value",
  "vmap of grad of a branch on a value",
]);

function leavesOf(tree: unknown): Variable[] {
  return Array.isArray(tree) ? tree.flatMap(leavesOf) : [tree as Variable];
}

for (const [name, [f, at]] of Object.entries(FUNCTIONS)) {
  for (const [transform, make] of Object.entries(TRANSFORMS)) {
    if (REFUSED.has(`${transform} of ${name}`)) continue;
    Deno.test(`${transform} of ${name} gives compiled what it gives eagerly`, () => {
      const [g, args] = make(f, at);
      const run = g as (...x: unknown[]) => unknown;
      const compiled = compile(run);
      for (const factor of [1, 0.5]) {
        const inputs = args.map((x) => (x as Variable).mul(factor));
        const [found, expected] = [leavesOf(compiled(...inputs)), leavesOf(run(...inputs))];
        assertEquals(found.length, expected.length);
        expected.forEach((value, i) => {
          assertEquals([found[i]!.dtype, ...found[i]!.shape], [value.dtype, ...value.shape]);
          const scale = Math.max(1, ...value.data.map(Math.abs));
          value.data.forEach((y, k) => {
            const x = found[i]!.data[k]!;
            assertLessOrEqual(
              Math.abs(x - y),
              1e-10 * scale,
              `result ${i}[${k}] at ${factor}: ${x}, eager ${y}`,
            );
          });
        });
      }
      const stats = compiled.stats();
      assertEquals(stats.map(({ target }) => target), ["wasm"]);
      assert(stats[0]!.kernels > 0 || stats[0]!.simplifiedRows <= 1, "nothing ran compiled");
    });
  }
}
