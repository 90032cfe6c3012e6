import { assertAlmostEquals } from "@std/assert";
import fc from "npm:fast-check@4";
import {
  checkpoint,
  concat,
  constant,
  grad,
  hvp,
  jacobianForward,
  jacobianReverse,
  jvp,
  maximum,
  type Variable,
  vjp,
  vmap,
} from "../../mod.ts";

type Step = (x: Variable) => Variable;
/** Maps of 4 numbers to 4 numbers, to be composed. */
const STEPS: readonly Step[] = [
  (x) => x.sin(),
  (x) => x.mul(x.sum()),
  (x) => x.reshape([2, 2]).matmul(x.reshape([2, 2])).reshape([4]),
  (x) => x.sub(x.logSumExp()),
  (x) => x.reshape([2, 2]).softmax().transpose().reshape([4]),
  (x) => concat([x.slice(2), x.slice(0, 2).exp()]),
  (x) => x.gather([3, 3, 0, 1]).tanh(),
  (x) => maximum(x, x.mul(0.5)).add(x.max()),
  (x) => x.div(x.square().add(1)),
];
const composed = fc.array(fc.integer({ min: 0, max: STEPS.length - 1 }), { minLength: 1, maxLength: 4 })
  .map((list): Step => (x) => list.reduce((y, i) => STEPS[i]!(y), x));
const vector = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 4, maxLength: 4 })
  // All different, so that nothing ties.
  .map((list) => list.map((n, i) => n / 100 + i * 0.00123));
const options = { numRuns: 60, seed: 7 };

function closeTo(a: ArrayLike<number>, b: ArrayLike<number>): void {
  for (let i = 0; i < b.length; i++) assertAlmostEquals(a[i]!, b[i]!, 1e-9 * Math.max(1, Math.abs(b[i]!)));
}

Deno.test("the walk forwards is the transpose of the walk backwards", () => {
  fc.assert(
    fc.property(composed, vector, vector, vector, (f, x, v, g) => {
      const [, moved] = jvp(f)([x], [v]);
      const [pulled] = vjp(f)(x)[1](g) as [number[]];
      closeTo([moved.mul(g).sum().item()], [pulled.reduce((sum, p, i) => sum + p * v[i]!, 0)]);
    }),
    options,
  );
});

Deno.test("both Jacobians agree, and checkpoint() changes nothing", () => {
  fc.assert(
    fc.property(composed, vector, (f, x) => {
      const backwards = jacobianReverse(f)(x).data;
      closeTo(jacobianForward(f)(x).data, backwards);
      closeTo(jacobianReverse(checkpoint(f))(x).data, backwards);
      closeTo(jacobianForward(checkpoint(f))(x).data, backwards);
    }),
    options,
  );
});

Deno.test("forwards over reverse, reverse over forwards and reverse over reverse agree", () => {
  fc.assert(
    fc.property(composed, vector, vector, (step, x, v) => {
      const f = (y: Variable): Variable => step(y).sum();
      const product = hvp(f)(x, v) as number[];
      closeTo(grad((y: Variable) => jvp(f)([y], [v])[1])(x) as number[], product);
      closeTo(grad((y: Variable) => grad(f)(y).mul(v).sum())(x) as number[], product);
    }),
    options,
  );
});

Deno.test("a map over examples is the loop over them, derivatives too", () => {
  fc.assert(
    fc.property(composed, vector, vector, (f, a, b) => {
      const loop = [a, b].flatMap((x) => [...f(constant(x)).data]);
      closeTo(vmap(f)([a, b]).data, loop);
      const slope = grad((x: Variable) => f(x).sum());
      closeTo(vmap(slope)([a, b]).data, [a, b].flatMap((x) => slope(x) as number[]));
    }),
    options,
  );
});
