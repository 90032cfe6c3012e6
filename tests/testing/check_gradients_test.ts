import { assertMatch, assertThrows } from "@std/assert";
import { constant, customJvp, customVjp, type Variable } from "../../mod.ts";
import { checkGradients } from "../../src/testing/mod.ts";

Deno.test("checkGradients() passes right derivatives of both orders, for trees and any outputs", () => {
  const f = ({ a, b }: { a: Variable; b: Variable[] }, c: Variable) => ({
    y: a.mul(b[0]!).sin(),
    z: [c.exp().mul(a.sum())],
  });
  checkGradients(f, [{ a: [1, 2], b: [constant([0.5, 0.1])] }, 0.3], { order: 2 });
  checkGradients((x: Variable, n: number) => x.pow(n), [[1, 2], 3], { argnums: [0], order: 2 });
  checkGradients(() => constant(3), [1], { order: 2 });
});

Deno.test("checkGradients() names a wrong gradient", () => {
  const wrong = (x: Variable): Variable => x.sin().mul(2).sub(constant(x.sin()));
  const { message } = assertThrows(() => checkGradients(wrong, [[0.3, 0.4]]), RangeError);
  assertMatch(
    message,
    /^Wrong gradient by element 0 of argument 0 \(shape \[2\], 0\.3\): found 1\.91\d+, differences give 0\.955\d+ with an error of about /,
  );
  const tree = ({ a, b }: { a: Variable; b: Variable[] }): Variable => a.add(wrong(b[1]!));
  assertThrows(
    () => checkGradients(tree, [{ a: 1, b: [constant(2), constant(3)] }]),
    RangeError,
    "element 0 of argument 0.b.1",
  );
});

Deno.test("checkGradients() finds a wrong second derivative", () => {
  // The slope is right, but is recorded as a constant.
  const once = customVjp((x: Variable) => x.pow(3), {
    forward: (x) => [x.pow(3), x],
    backward: (x, g) => [g.mul(constant(x).square().mul(3))],
  });
  checkGradients(once, [2]);
  assertThrows(() => checkGradients(once, [2], { order: 2 }), RangeError, "Wrong second derivative");
});

Deno.test("checkGradients() finds walks forwards and backwards that disagree", () => {
  // Backwards by transposing, so a rule that is not linear in the tangent shows.
  const bent = customJvp((x: Variable) => x.mul(2), ([x], [dx]) => [x.mul(2), dx.mul(2).add(dx.square())]);
  assertThrows(() => checkGradients(bent, [1]), RangeError, "the walk forwards gives");
});

Deno.test("checkGradients() says so where differences are no measure, as at a kink", () => {
  assertThrows(() => checkGradients((x: Variable) => x.abs(), [1e-4]), RangeError, "disagree by");
});
