import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { compile, constant, grad, noGrad, tape, type Variable, variable } from "../../../mod.ts";

Deno.test("results of a compiled function have the derivatives that the function has", () => {
  const square = (x: Variable): Variable => x.square();
  const f = compile(square);
  const w = variable(3);
  f(w).add(w).backward();
  assertEquals(w.grad?.item(), 7);
  const recorded = variable(2);
  f(recorded.mul(3)).mul(f(recorded)).backward();
  assertEquals(recorded.grad?.item(), 4 * 9 * 8);
  const array = variable(new Float32Array([1, 2, 3]));
  f(array.mul(2)).sum().backward();
  assertEquals([array.grad?.value, array.grad?.dtype], [[8, 16, 24], "float32"]);
  assertEquals([tape.length, f.stats().length], [0, 2]);
});

Deno.test("what a compiled function captures gets its derivative too, with the value it had", () => {
  const k = variable([2, 5]);
  const f = compile((x: Variable) => [x.mul(k).sum(), k.sum()] as const);
  const [a, b] = f(constant([1, 2]));
  assertEquals(tape.length, 0);
  k.assign([100, 100]);
  a.mul(b).backward();
  // a = x . k = 12 and b = 7, so the slope is 7 x + 12.
  assertEquals(k.grad?.value, [19, 26]);
  assertEquals(tape.length, 0);
});

Deno.test("a compiled function differentiates inside grad, and through what was compiled outside of it", () => {
  const f = compile((x: Variable, y: Variable) => x.sin().mul(y));
  assertAlmostEquals(grad((x: Variable) => f(x, constant(2)).square())(0.7), 4 * Math.sin(1.4), 1e-12);
  assertAlmostEquals(
    grad(grad((x: Variable) => f(x, constant(2))) as never)(0.7 as never) as number,
    -2 * Math.sin(0.7),
    1e-12,
  );
  const w = variable(0.7);
  const y = f(w, constant(2));
  // A compiled result outside of grad that depends on a trainable Variable.
  grad((x: Variable) => x.mul(y))(variable(3)).backward();
  assertAlmostEquals(w.grad!.item(), 2 * Math.cos(0.7), 1e-12);
  tape.clear();
});

Deno.test("branches, static arguments and several outputs keep their derivatives", () => {
  const f = compile((x: Variable, how: string) => {
    const y = x.gt(0).truthy() ? x.mul(3) : x.mul(-5);
    return { y, z: how === "square" ? y.square() : y };
  }, { staticArgnums: [1] });
  const slope = (at: number, how: string): number => {
    const w = variable(at);
    const { y, z } = f(w, how);
    y.add(z).backward();
    return w.grad!.item();
  };
  assertEquals([slope(2, "square"), slope(-2, "square"), slope(2, "")], [3 + 36, -5 - 100, 6]);
});

Deno.test("nothing is recorded in noGrad(), and a donated argument has no derivative", () => {
  const w = variable([1, 2]);
  const f = compile((x: Variable) => x.mul(2).sum());
  const y = noGrad(() => f(w));
  assertThrows(() => y.backward(), TypeError, "noGrad()");
  assertEquals(tape.length, 0);
  const step = compile((x: Variable) => x.mul(2), { donate: [0] });
  assertThrows(() => step(w).sum().backward(), TypeError, "compiled with donated arguments");
  assertEquals(w.grad, null);
  tape.clear();
});

Deno.test("a donated argument that derivatives may be by is never a silent constant", () => {
  const square = compile((x: Variable) => x.mul(x), { donate: [0] });
  const GIVEN: readonly (readonly [name: string, f: (w: Variable) => Variable])[] = [
    ["trainable", (w) => square(w)],
    ["recorded", (w) => square(w.mul(2))],
    ["a result", (w) => square(square(w))],
    ["a result of what captures one", (w) => {
      const times = compile((x: Variable) => x.mul(w), { donate: [0] });
      return times(times(constant([2, 1], { dtype: w.dtype })));
    }],
  ];
  for (const dtype of ["float64", "float32"] as const) {
    for (const [name, f] of GIVEN) {
      const w = variable([3, 4], { dtype });
      assertThrows(() => f(w).add(w).sum().backward(), TypeError, "compiled with donated arguments", name);
      tape.clear();
      const v = variable([3, 4], { dtype });
      assertEquals(f(v).toArray().shape, [2]);
    }
    const w = variable([3, 4], { dtype });
    square(constant(w)).add(w).sum().backward();
    assertEquals(w.grad?.value, [1, 1]);
  }
});
