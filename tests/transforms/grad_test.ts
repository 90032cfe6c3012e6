import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  checkpoint,
  constant,
  grad,
  hessian,
  hvp,
  jacobian,
  stopGradient,
  tape,
  valueAndGrad,
  type Variable,
  variable,
  vjp,
} from "../../mod.ts";

Deno.test("grad() follows the rules of the original program: + * ** log sigmoid, x+x and x*x", () => {
  const at = (f: (x: Variable) => Variable, x: number): number => grad(f)(x);
  assertEquals(at((x) => x.add(2), 3), 1);
  assertEquals(at((x) => x.mul(4), 3), 4);
  assertEquals(at((x) => x.pow(2), 3), 6);
  assertAlmostEquals(at((x) => x.log(), 4), 0.25);
  assertAlmostEquals(at((x) => x.sigmoid(), 0), 0.25);
  assertEquals(at((x) => x.add(x), 3), 2);
  assertEquals(at((x) => x.mul(x), 3), 6);
});

Deno.test("grad() mirrors the form of its input", () => {
  const sum = (x: Variable): Variable => x.square().sum();
  const number: number = grad(sum)(2);
  assertEquals(number, 4);
  assertEquals(grad(sum)([[1, 2], [3, 4]]), [[2, 4], [6, 8]]);
  assertEquals(grad(sum)(new Float32Array([1, 2])), new Float32Array([2, 4]));
  assertEquals(grad(sum)(new Int32Array([1, 2])), new Float64Array([2, 4]) as never);
  const out: Variable = grad(sum)(constant([1, 2], { dtype: "float32" }));
  assertEquals([out.value, out.dtype], [[2, 4], "float32"]);
  const tree = ({ w, b }: { w: Variable[]; b: Variable }): Variable => w[0]!.mul(w[1]!).sum().mul(b);
  assertEquals(grad(tree)({ w: [new Float64Array([1, 2]), new Float64Array([3, 4])], b: 2 }), {
    w: [new Float64Array([6, 8]), new Float64Array([2, 4])],
    b: 11,
  });
});

Deno.test("grad() gives zeros for an unused input", () => {
  const f = ({ a }: { a: Variable; b: Variable }): Variable => a;
  assertEquals(grad(f)({ a: 1, b: [1, 2] }), { a: 1, b: [0, 0] });
  assertEquals(grad((_: Variable) => constant(3))(1), 0);
});

Deno.test("grad(grad(f)) is a number without a cast, to any order", () => {
  const f = (x: Variable): Variable => x.tanh();
  const second: number = grad(grad(f))(0.5);
  const t = Math.tanh(0.5);
  const s = 1 - t * t;
  assertAlmostEquals(second, -2 * t * s, 1e-14);
  assertAlmostEquals(grad(grad(grad(f)))(0.5), 4 * t * t * s - 2 * s * s, 1e-14);
  // The fifth derivative in closed form.
  const exact = s * (16 - 120 * t * t + 120 * t ** 4);
  assertAlmostEquals(grad(grad(grad(grad(grad(f)))))(0.5), exact, 1e-12);
  assertEquals(tape.length, 0);
});

Deno.test("perturbations of nested gradients are not confused", () => {
  // d/dx of x * (d/dy of (x + y) at y = 1) is 1, not 2.
  assertEquals(grad((x: Variable) => x.mul(grad((y: Variable) => x.add(y))(constant(1))))(1), 1);
  // d/dx of x * (d/dy of x y^2 at y = x) is that of 2 x^3.
  assertEquals(grad((x: Variable) => x.mul(grad((y: Variable) => x.mul(y).mul(y))(x)))(3), 54);
});

Deno.test("a derivative that depends on an outer Variable is not lost as a number", () => {
  const f = (y: Variable): Variable => y.mul(grad((x: Variable) => x.mul(y))(2));
  assertThrows(
    () => grad(f)(3),
    TypeError,
    "depends on a Variable that an enclosing grad() differentiates by",
  );
  assertEquals(tape.length, 0);
});

Deno.test("argnums chooses arguments, hasAux returns more than the value", () => {
  const f = (x: Variable, y: Variable): Variable => x.mul(y).mul(y);
  const dy: number = grad(f, { argnums: 1 })(2, 3);
  assertEquals(dy, 12);
  const both: [number, number] = grad(f, { argnums: [0, 1] })(2, 3);
  assertEquals(both, [9, 12]);
  const withAux = (x: Variable, n: number): readonly [Variable, { n: number; y: Variable }] => {
    const y = x.pow(n);
    return [y, { n, y }];
  };
  const [dx, aux] = grad(withAux, { hasAux: true })(2, 3);
  assertEquals([dx, aux.n, aux.y.add(1).value], [12, 3, 9]);
  const [[value], slope] = valueAndGrad(withAux, { hasAux: true })(2, 3);
  assertEquals([value, slope], [8, 12]);
  assertThrows(() => grad(f, { argnums: 2 })(2, 3), RangeError, "argument 2");
});

Deno.test("valueAndGrad() gives both from one run", () => {
  let runs = 0;
  const f = (x: Variable): Variable => {
    runs++;
    return x.pow(3);
  };
  assertEquals(valueAndGrad(f)(2), [8, 12]);
  assertEquals(runs, 1);
});

Deno.test("mistakes get errors of their own", async () => {
  assertThrows(
    () => grad((x: Variable) => x)([1, 2]),
    TypeError,
    "output of shape [2]: only a number has a gradient",
  );
  // deno-lint-ignore require-await
  const late = (async (x: Variable) => x) as unknown as (x: Variable) => Variable;
  assertThrows(() => grad(late)(1), TypeError, "Cannot differentiate an async function");
  await Promise.resolve();
  assertThrows(() => grad((x: Variable) => x.add([1, 2, 3]).sum())([1, 2]), TypeError, "shapes [2] and [3]");
  assertThrows(() => grad((x: Variable) => x)("a" as never), TypeError, 'by "a"');
  assertThrows(
    () => grad((x: Variable) => x)([[1], [1, 2]] as never),
    TypeError,
    "rows have different lengths",
  );
  assertThrows(() => grad((() => undefined) as never)(1 as never), TypeError, "must return a Variable");
  assertThrows(
    () => grad(3 as never)(1 as never),
    TypeError,
    "Cannot differentiate 3: grad() takes a function",
  );
});

Deno.test("stopGradient() and where() cut the derivative", () => {
  assertEquals(grad((x: Variable) => x.mul(stopGradient(x)))(3), 3);
  assertEquals(grad((x: Variable) => x.gt(0).where(x.log(), 0).sum())([0, 2])[1], 0.5);
  assertEquals(
    grad((x: Variable) => x.lt(0).where(x.mul(NaN), x).sum())([1, 2]).every((g) => g === 1),
    false,
  );
});

Deno.test("backward() adds up into grad, zeroGrad() clears, assign() replaces", () => {
  const w = variable([1, 2], { name: "w" });
  const loss = (): Variable => w.square().sum();
  loss().backward();
  assertEquals([w.grad?.value, tape.length], [[2, 4], 0]);
  loss().backward();
  assertEquals(w.grad?.value, [4, 8]);
  w.zeroGrad();
  assertEquals(w.grad?.value, [0, 0]);
  const recorded = loss();
  w.assign([10, 20]);
  recorded.backward();
  assertEquals(w.grad?.value, [2, 4]);
  assertThrows(() => w.assign([1, 2, 3]), TypeError, "its shape is [2]");
  assertThrows(() => constant(1).assign(2), TypeError, "not trainable");
});

Deno.test("backward() twice over a kept tape gives the same again", () => {
  const w = variable(3);
  const y = w.square();
  y.backward({ retainTape: true });
  y.backward({ retainTape: true });
  assertEquals(w.grad?.item(), 12);
  tape.clear();
  assertThrows(() => y.backward(), TypeError, "stale");
  assertThrows(() => constant(1).backward(), TypeError, "not computed from a trainable Variable");
  assertThrows(() => w.mul([1, 2]).backward(), TypeError, "only a number has a gradient");
  tape.clear();
});

Deno.test("a gradient taken inside a loss reaches trainable Variables", () => {
  const w = variable(2);
  const slope = grad((x: Variable) => x.mul(x).mul(w))(constant(3));
  slope.mul(5).backward();
  assertEquals(w.grad?.item(), 30);
  const v = variable(3);
  grad((x: Variable) => x.pow(3))(v).backward();
  assertEquals(v.grad?.item(), 18);
});

Deno.test("the derivative by a float32 number is a float32 number, in every way to get it", () => {
  const f = (x: Variable): Variable => x.sin().mul(x).exp();
  const [x, along] = [constant(0.1, { dtype: "float32" }), constant(0.3, { dtype: "float32" })];
  const w = variable(x);
  f(w).backward();
  const once = w.grad;
  f(w).backward();
  const found: readonly (readonly [name: string, derivative: Variable | null])[] = [
    ["grad", grad(f)(x)],
    ["valueAndGrad", valueAndGrad(f)(x)[1]],
    ["grad of grad", grad((y: Variable) => grad(f)(y))(x)],
    ["vjp", vjp(f)(x)[1](along)[0]],
    ["hvp", hvp(f)(x, along) as Variable],
    ["hessian", hessian(f)(x) as Variable],
    ["jacobian", jacobian(f)(x) as Variable],
    ["checkpoint", grad(checkpoint(f))(x)],
    ["backward", once],
    ["backward twice", w.grad],
    ["what overflows", grad((y: Variable) => y.pow(-1))(constant(1e-40, { dtype: "float32" }))],
  ];
  for (const [name, derivative] of found) {
    assertEquals(derivative?.dtype, "float32", name);
    assertEquals(derivative?.item(), Math.fround(derivative?.item() ?? NaN), name);
  }
});

Deno.test("grad() does not fill the grad of a trainable Variable from outside; as an argument it has a gradient", () => {
  const w = variable(3);
  const f = (x: Variable, w: Variable) => x.square().mul(w);
  assertEquals(grad((x: Variable) => f(x, w))(2), 12);
  assertEquals(w.grad, null);
  const [byX, byW] = grad(f, { argnums: [0, 1] })(constant(2), w);
  assertEquals([byX.item(), byW.item()], [12, 4]);
  assertThrows(
    () => grad(f, { argnums: [0, 1] })(2, w),
    TypeError,
    "or on a trainable one; pass constant(x)",
  );
  tape.clear();
});
