import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  constant,
  grad,
  jacobian,
  jvp,
  linearize,
  stopGradient,
  tape,
  valueAndGrad,
  type Variable,
  variable,
  vjp,
} from "../../mod.ts";

/** Functions that lose their input by reading it as plain numbers, and what they read it with. */
const lost: readonly [how: string, f: (x: Variable) => unknown][] = [
  [".item()", (x) => constant(x.add(1).item())],
  [".item()", (x) => x.add(1).item()],
  [".value", (x) => constant(((x.mul(2).value as number) - 3) ** 2)],
  [".data", (x) => constant([...x.data, 2]).sum()],
  [".toArray()", (x) => constant(x.square().toArray()).sum()],
  [".item()", (x) => grad((y: Variable) => y.mul(x.item()))(2)],
];

Deno.test("a transform refuses an output that was computed from plain numbers read out of its input", () => {
  const transforms: readonly ((f: (x: Variable) => Variable) => unknown)[] = [
    (f) => grad(f)(3),
    (f) => valueAndGrad(f)(constant(3)),
    (f) => vjp(f)(3),
    (f) => jvp(f)([3], [1]),
    (f) => jacobian(f)(3),
    (f) => linearize(f)(3),
    (f) => grad(f)(variable(3)),
  ];
  for (const [how, f] of lost) {
    for (const transform of transforms) {
      const error = assertThrows(() => transform(f as (x: Variable) => Variable), TypeError, "plain numbers");
      assertStringIncludes(error.message, how);
      assertStringIncludes(error.message, "stopGradient()");
      tape.clear();
    }
  }
});

Deno.test("reading for printing or for a branch stays allowed, and an unused input has zeros", () => {
  const printed: number[] = [];
  const f = (x: Variable): Variable => {
    printed.push(x.square().item());
    return x.mul(x);
  };
  assertEquals([grad(f)(3), printed], [6, [9]]);
  assertEquals(grad((x: Variable) => x.gt(0).truthy() ? constant(5) : x)(2), 0);
  assertEquals(grad((_: Variable) => constant(5))(2), 0);
  assertEquals(grad((x: Variable) => stopGradient(x).square())(2), 0);
  assertEquals(grad((x: Variable) => constant(x).square())(2), 0);
  assertEquals(grad((x: Variable) => constant(variable(4).item()).add(x.mul(0)))(2), 0);
  assertEquals(grad((_: Variable) => constant(variable(4).mul(2).item()))(2), 0);
  assertEquals(valueAndGrad((x: Variable) => [x.mul(2), x.item()] as const, { hasAux: true })(4), [
    [8, 4],
    2,
  ]);
  tape.clear();
});

Deno.test("a value that an inner function reads of an outer one counts for the outer one", () => {
  const outer = (x: Variable): number =>
    grad((y: Variable) => y.mul(x.mul(1).item()))(1) as unknown as number;
  assertThrows(() => grad(outer as never)(3 as never), TypeError, ".item()");
});
