import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  compile,
  constant,
  customJvp,
  customVjp,
  grad,
  hessian,
  jacobian,
  jacobianForward,
  jvp,
  noGrad,
  tape,
  valueAndGrad,
  type Variable,
  variable,
  vjp,
  vmap,
} from "../../mod.ts";

/** x^3, with a derivative of which the factor 5 shows that it is used. */
const marked = customVjp((x: Variable) => x.pow(3), {
  forward: (x) => [x.pow(3), { x, twice: [x.mul(2)] }],
  backward: ({ x }, g) => [g.mul(x.square()).mul(5)],
});

Deno.test("customVjp() is used backwards, forwards, and again for higher orders", () => {
  assertEquals(marked(constant(2)).item(), 8);
  assertEquals(grad(marked)(2), 20);
  assertEquals(jvp(marked)([2], [3])[1].item(), 60);
  // The derivative of 5 x^2 is 10 x, as recorded by the rule.
  assertEquals(grad(grad(marked))(2), 20);
  assertEquals(grad(grad(grad(marked)))(2), 10);
  const both = (x: Variable): Variable => jvp(grad(marked))([x], [constant(1)])[1];
  assertEquals(both(constant(2)).item(), 20);
  assertEquals(hessian((x: Variable) => marked(x).sum())([1, 2]).value, [[10, 0], [0, 20]]);
  assertEquals(jacobianForward(marked)([1, 2]).value, [[5, 0], [0, 20]]);
  assertEquals(tape.length, 0);
});

Deno.test("customVjp() takes trees, several outputs, and null for no derivative", () => {
  const f = customVjp(
    ({ a, b }: { a: Variable; b: Variable }, n: Variable) => ({ y: a.mul(b), z: [b.add(n)] }),
    {
      forward: ({ a, b }, n) => [{ y: a.mul(b), z: [b.add(n)] }, [a, b, "kept"] as const],
      backward: ([a, b], { y, z }) => [{ a: y.mul(b), b: y.mul(a).sum().add(z[0]!) }, null],
    },
  );
  const [out, pullback] = vjp(f)({ a: [1, 2], b: 3 }, 4);
  assertEquals([out.y.value, out.z[0]!.value], [[3, 6], 7]);
  assertEquals(pullback({ y: [1, 10], z: [100] }), [{ a: [3, 30], b: 121 }, 0]);
  const [, moved] = jvp(f)([{ a: [1, 2], b: 3 }, 4], [{ a: [1, 0], b: 1 }, 5]);
  assertEquals([moved.y.value, moved.z[0]!.value], [[4, 2], 1]);
});

Deno.test("customVjp() and customJvp() can be mapped, and derivatives of the map", () => {
  const scaled = customVjp((x: Variable, w: Variable) => x.mul(w).sum(), {
    forward: (x, w) => [x.mul(w).sum(), [x, w] as const],
    backward: ([x, w], g) => [g.mul(w).mul(2), g.mul(x).mul(3)],
  });
  const X = [[1, 2], [3, 4]];
  const mapped = (x: Variable, w: Variable): Variable => vmap(scaled, { inAxes: [0, null] })(x, w);
  assertEquals(mapped(constant(X), constant([1, 1])).value, [3, 7]);
  assertEquals(vmap(grad(scaled), { inAxes: [0, null] })(X, [1, 1]).value, [[2, 2], [2, 2]]);
  const total = (x: Variable, w: Variable): Variable => mapped(x, w).mul([1, 10]).sum();
  assertEquals(grad(total, { argnums: [0, 1] })(X, [1, 5]), [[[2, 10], [20, 100]], [93, 126]]);
  assertEquals(jvp(mapped)([X, [1, 5]], [[[1, 0], [0, 0]], [0, 1]])[1].value, [8, 12]);
  const nested = vmap((x: Variable) => vmap(marked)(x));
  assertEquals(nested(X).value, [[1, 8], [27, 64]]);
  assertEquals(grad((x: Variable) => nested(x).sum())(X), [[5, 20], [45, 80]]);
  const half = customJvp((x: Variable) => x.square(), ([x], [dx]) => [x.square(), dx.mul(x)]);
  assertEquals(vmap(grad(half))([1, 2]).value, [1, 2]);
  assertEquals(jacobian((x: Variable) => vmap(half)(x))([1, 2]).value, [[1, 0], [0, 2]]);
});

Deno.test("customJvp() is used forwards, backwards, and again for higher orders", () => {
  const softplus: (x: Variable) => Variable = customJvp(
    (x: Variable) => x.exp().add(1).log(),
    ([x], [dx]) => [softplus(x), dx.mul(x.sigmoid())],
  );
  assertEquals(grad(softplus)(0), 0.5);
  assertEquals(grad(grad(softplus))(0), 0.25);
  assertEquals(jvp(softplus)([0], [2])[1].item(), 1);
  // The operations would give NaN here: exp(1000) is infinite.
  assertEquals(grad(softplus)(1000), 1);
  assertAlmostEquals(grad(grad(grad(softplus)))(0.7), sigmoidSecond(0.7), 1e-15);
  const two = customJvp(
    (x: Variable, y: Variable) => [x.mul(y), y],
    ([x, y], [dx, dy]) => [[x.mul(y), y], [dx.mul(y).add(dy.mul(x)).mul(7), dy]],
  );
  assertEquals(vjp(two)(3, 4)[1]([1, 1]), [28, 22]);
});

/** The second derivative of the sigmoid. */
function sigmoidSecond(x: number): number {
  const s = 1 / (1 + Math.exp(-x));
  return s * (1 - s) * (1 - 2 * s);
}

Deno.test("without recording, the function itself runs", () => {
  const ran: string[] = [];
  const f = customVjp((x: Variable) => (ran.push("f"), x), {
    forward: (x) => (ran.push("forward"), [x, null]),
    backward: (_, g) => [g],
  });
  f(constant(1));
  noGrad(() => f(variable(1)));
  grad(f)(1);
  assertEquals(ran, ["f", "f", "forward"]);
});

Deno.test("given derivatives refuse Variables from outside, and what does not fit", () => {
  const w = variable(2);
  const uses = customVjp((x: Variable) => x.mul(w), {
    forward: (x) => [x.mul(w), null],
    backward: (_, g) => [g],
  });
  assertThrows(() => grad(uses)(1), TypeError, "pass it as an argument");
  assertThrows(
    () => grad((y: Variable) => customJvp((x: Variable) => x.mul(y), ([x], [dx]) => [x, dx])(y.square()))(3),
    TypeError,
    "pass it as an argument",
  );
  const wrong = (backward: () => unknown[]) =>
    customVjp((x: Variable) => x.sum(), { forward: (x) => [x.sum(), null], backward });
  assertThrows(() => grad(wrong(() => []))([1, 2]), TypeError, "one entry for each of the 1 arguments");
  assertThrows(() => grad(wrong(() => [[1, 2, 3]]))([1, 2]), TypeError, "found shape [3] where shape [2]");
  assertThrows(() => customVjp(3 as never, {} as never), TypeError, "customVjp() takes a function");
  assertEquals(tape.length, 0);
});

Deno.test("given derivatives hold in compiled functions", () => {
  const [value, slope] = compile(valueAndGrad((x: Variable) => marked(x).sum()))([1, 2]);
  assertEquals([value, slope], [9, [5, 20]] as never);
});
