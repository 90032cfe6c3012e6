import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  constant,
  grad,
  hvp,
  jvp,
  linearize,
  noGrad,
  tape,
  valueAndGrad,
  type Variable,
  variable,
  vjp,
} from "../../mod.ts";

type Scalar = (x: Variable) => Variable;
/** The derivative of a function of one number, by a walk forwards. */
const forward = (f: Scalar): Scalar => (x) => jvp(f)([x], [constant(1)])[1];
/** The same backwards. */
const reverse = (f: Scalar): Scalar => (x) => grad(f)(x);

Deno.test("vjp() gives outputs of any shape and a pullback that can be called again", () => {
  let runs = 0;
  const f = (x: Variable, { a, b }: { a: Variable; b: Variable }) => {
    runs++;
    return { y: x.mul(a), z: [x.sum().mul(b)] };
  };
  const [{ y, z }, pullback] = vjp(f)([1, 2], { a: new Float64Array([3, 4]), b: 5 });
  assertEquals([y.value, z[0]!.value], [[3, 8], 15]);
  const first = pullback({ y: [1, 0], z: [0] });
  assertEquals(first, [[3, 0], { a: new Float64Array([1, 0]), b: 0 }]);
  assertEquals(pullback({ y: [0, 0], z: [1] }), [[5, 5], { a: new Float64Array([0, 0]), b: 3 }]);
  assertEquals(pullback({ y: [1, 0], z: [0] }), first);
  assertEquals([runs, tape.length], [1, 0]);
});

Deno.test("vjp() takes argnums and hasAux", () => {
  const f = (x: Variable, y: Variable) => [x.mul(y), "beside"] as const;
  const [z, pullback, aux] = vjp(f, { hasAux: true, argnums: [1] })(3, 4);
  assertEquals([z.value, aux], [12, "beside"]);
  assertEquals((pullback as (g: number) => unknown)(2), [6]);
});

Deno.test("a pullback can itself be differentiated, by the point and by the cotangent", () => {
  // x -> g f'(x), with f = x^3: derivative by x is 6 g x, by g it is 3 x^2.
  const pull = (x: Variable, g: Variable): Variable => vjp((y: Variable) => y.pow(3))(x)[1](g)[0] as Variable;
  assertEquals(grad(pull)(2, constant(5)), 60);
  assertEquals(grad(pull, { argnums: 1 })(2, 5), 12);
  const [, pullback] = vjp((y: Variable) => y.pow(3))(constant(2));
  assertEquals(grad((g: Variable) => pullback(g)[0] as Variable)(7), 12);
});

Deno.test("a pullback whose rows have gone says so", () => {
  let escaped: ((g: number) => unknown) | undefined;
  grad((x: Variable) => {
    const [y, pullback] = vjp((z: Variable) => z.mul(x))(constant(3));
    escaped = pullback as typeof escaped;
    return y;
  })(2);
  assertThrows(() => escaped!(1), TypeError, "stale");
});

Deno.test("jvp() walks forwards through trees, with argnums and hasAux", () => {
  const f = ({ a, b }: { a: Variable; b: Variable }, c: Variable) => ({ y: a.mul(b).add(c), z: c.exp() });
  const [out, moved] = jvp(f)([{ a: [1, 2], b: 3 }, 0], [{ a: [1, 0], b: 1 }, 2]);
  assertEquals([out.y.value, out.z.value], [[3, 6], 1]);
  assertEquals([moved.y.value, moved.z.value], [[6, 4], 2]);
  const aux = jvp((x: Variable, y: Variable) => [x.mul(y), 7] as const, { hasAux: true, argnums: [1] });
  const [z, dz, seven] = aux([3, 4], [1]);
  assertEquals([z.value, dz.value, seven], [12, 3, 7]);
  // What does not depend on the inputs does not move.
  assertEquals(jvp((_: Variable) => constant([1, 2]))([1], [1])[1].value, [0, 0]);
  assertEquals(tape.length, 0);
});

Deno.test("jvp() keeps float32 and broadcasts tangents", () => {
  const x = constant(new Float32Array([1, 2]));
  const [y, dy] = jvp((v: Variable) => v.reshape([2, 1]).add(v).mul(0.1))([x], [new Float32Array([1, 0])]);
  assertEquals([y.dtype, dy.dtype, dy.shape], ["float32", "float32", [2, 2]]);
  assertEquals(
    dy.value,
    [[2, 1], [1, 0]].map((row) => row.map((n) => n === 2 ? Math.fround(0.2) : n * Math.fround(0.1))),
  );
});

Deno.test("tangents and cotangents that do not fit are refused", () => {
  const f = (x: Variable): Variable => x.mul(2);
  assertThrows(() => jvp(f)([[1, 2]], [[1, 2, 3]]), TypeError, "found shape [3] where shape [2]");
  assertThrows(() => jvp(f)([[1, 2]], [] as never), TypeError, "each tangent has the structure");
  assertThrows(() => jvp(f)(3 as never, 1 as never), TypeError, "must be a list");
  const [, pullback] = vjp((x: Variable) => ({ a: x, b: x }))(1);
  assertThrows(() => pullback({ a: 1 } as never), TypeError, "an object with the keys a");
  assertThrows(() => pullback([1, 2] as never), TypeError, "found an array of 2 where an object");
  assertThrows(() => vjp(3 as never)(1 as never), TypeError, "vjp() takes a function");
  assertThrows(() => vjp((x: Variable) => [x, "a"])(1), TypeError, "must return Variables");
});

Deno.test("forwards and backwards nest in any order, to the third derivative", () => {
  const t = Math.tanh(0.5);
  const s = 1 - t * t;
  const third = 4 * t * t * s - 2 * s * s;
  for (let code = 0; code < 8; code++) {
    let f: Scalar = (x) => x.tanh();
    for (let bit = 0; bit < 3; bit++) f = (code >> bit & 1 ? forward : reverse)(f);
    assertAlmostEquals(f(constant(0.5)).item(), third, 1e-13);
  }
  assertEquals(tape.length, 0);
});

Deno.test("tanh to the fifth derivative against its closed form, by walks of both kinds", () => {
  const t = Math.tanh(0.3);
  const s = 1 - t * t;
  const exact = s * (16 - 120 * t * t + 120 * t ** 4);
  const f = forward(reverse(forward(reverse(forward((x) => x.tanh())))));
  assertAlmostEquals(f(constant(0.3)).item(), exact, 1e-12);
});

// Siskind and Pearlmutter, "Perturbation confusion and referential transparency", 2005.
Deno.test("perturbations are not confused", () => {
  for (const outer of [forward, reverse]) {
    for (const inner of [forward, reverse]) {
      // d/dx x (d/dy (x + y) at 1) at 1 is 1; a confused walk gives 2.
      const first = outer((x) => x.mul(inner((y) => x.add(y))(constant(1))));
      assertEquals(first(constant(1)).item(), 1);
      // d/dx x (d/dy x y at 2) at x is 2 x.
      assertEquals(outer((x) => x.mul(inner((y) => x.mul(y))(constant(2))))(constant(3)).item(), 6);
      // The inner point depends on the outer variable.
      assertEquals(outer((x) => x.mul(inner((y) => x.mul(y).mul(y))(x)))(constant(3)).item(), 54);
      // d/dx of (d/dy of x y^2 at y = x^2) = d/dx 2 x^3.
      assertEquals(outer((x) => inner((y) => x.mul(y.square()))(x.square()))(constant(2)).item(), 24);
    }
  }
});

// Manzyuk, Pearlmutter, Radul, Rush, Siskind, "Perturbation confusion in forward automatic differentiation of
// higher-order functions", 2019: the derivative of a curried function.
Deno.test("the derivative of a function that returns a function is not confused", () => {
  const offset = (u: Variable) => (f: Scalar): Scalar => (x) => f(x.add(u));
  // D(u -> offset u f)(0) is f'; applied twice it must be f''.
  const derivative = (f: Scalar): Scalar => (x) =>
    jvp((u: Variable) => offset(u)(f)(x))([constant(0)], [constant(1)])[1];
  const twice = derivative(derivative((x) => x.exp()));
  assertAlmostEquals(twice(constant(1)).item(), Math.E, 1e-15);
});

Deno.test("closures over outer variables reach every level", () => {
  const f = (x: Variable): Variable => {
    const g = (y: Variable): Variable => {
      const h = (z: Variable): Variable => z.mul(x).mul(y).sin();
      return grad(h)(constant(1)).mul(y);
    };
    return grad(g)(x);
  };
  // h' = x y cos(x y); g = x y^2 cos(x y); g' = 2 x y cos(x y) - x^2 y^2 sin(x y) at y = x.
  const closed = (x: number): number => 2 * x * x * Math.cos(x * x) - x ** 4 * Math.sin(x * x);
  assertAlmostEquals(f(constant(0.7)).item(), closed(0.7), 1e-14);
  const slope = (closed(0.7 + 1e-5) - closed(0.7 - 1e-5)) / 2e-5;
  assertAlmostEquals(grad(f)(0.7), slope, 1e-8);
});

Deno.test("hvp() is one walk back and one forwards, and equals the product with the Hessian", () => {
  const f = ({ a, b }: { a: Variable; b: Variable }, n: number) => a.mul(b).sum().pow(n);
  const at = { a: [1, 2], b: 3 };
  const product = hvp(f)(at, { a: [1, 0], b: 0 }, 2);
  // f = b^2 (a1 + a2)^2.
  assertEquals(product, { a: [18, 18], b: 36 });
  const withAux = hvp((x: Variable) => [x.pow(3), { y: x.mul(2) }] as const, { hasAux: true });
  const [second, aux] = withAux(2, 1);
  assertEquals([second, aux.y.value], [12, 4]);
  assertEquals(grad((x: Variable) => hvp((y: Variable) => y.pow(4))(x, constant(1)))(2), 48);
  assertThrows(() => hvp((x: Variable) => x)([1, 2], [1, 2]), TypeError, "only a number has a gradient");
});

Deno.test("linearize() runs the function once for any number of directions", () => {
  let runs = 0;
  const f = (x: Variable, y: Variable) => {
    runs++;
    return [x.mul(y), y.sin()];
  };
  const [[z], linear] = linearize(f)([1, 2], 0);
  assertEquals(z!.value, [0, 0]);
  assertEquals(linear([1, 1], 0).map((v) => v.value), [[0, 0], 0]);
  assertEquals(linear([0, 0], 1).map((v) => v.value), [[1, 2], 1]);
  assertEquals(runs, 1);
  assertThrows(() => linear([1], 0), TypeError, "shape [1]");
  // It is linear in the tangent and can be differentiated by it, and by the point.
  const [, push] = linearize((x: Variable) => x.square())(constant(3));
  assertEquals(grad((t: Variable) => push(t))(5), 6);
  assertEquals(grad((x: Variable) => linearize((y: Variable) => y.pow(3))(x)[1](1))(2), 12);
});

Deno.test("a derivative at top level reaches trainable Variables, and noGrad() keeps nothing", () => {
  const w = variable(3);
  const [, dy] = jvp((x: Variable) => x.square().mul(w))([constant(2)], [constant(1)]);
  dy.backward();
  assertEquals(w.grad?.item(), 4);
  noGrad(() => jvp((x: Variable) => x.mul(w))([constant(2)], [constant(1)]));
  assertEquals(tape.length, 0);
});

Deno.test("a nested number does not lose its dependence in silence, neither value nor gradient", () => {
  const lost = (f: (y: Variable) => unknown) => () => grad((y: Variable) => (f(y), y))(2);
  assertThrows(lost((y) => valueAndGrad((x: Variable) => x.add(y))(3)), TypeError, "as a number");
  assertThrows(lost((y) => grad((x: Variable) => x.mul(y))(3)), TypeError, "as a number");
  assertThrows(lost((y) => hvp((x: Variable) => x.square().mul(y))(3, 1)), TypeError, "as a number");
  // What does not depend on y may be a number.
  lost((y) => assertEquals(grad((x: Variable) => x.add(y))(3), 1))();
  lost((y) => assertEquals(valueAndGrad((x: Variable) => (y.mul(2), x.square()))(3), [9, 6]))();
});

Deno.test("a recurrence of 100,000 steps needs no stack, backwards or forwards", () => {
  const steps = 100_000;
  const run = (x: Variable): Variable => {
    for (let i = 0; i < steps; i++) x = x.mul(0.99999).add(1e-6);
    return x;
  };
  const exact = 0.99999 ** steps;
  assertAlmostEquals(grad(run)(1), exact, 1e-10);
  assertAlmostEquals(jvp(run)([1], [1])[1].item(), exact, 1e-10);
  assertEquals(tape.length, 0);
});
