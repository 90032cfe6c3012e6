/** Element-wise functions at awkward points against values computed with 30 digits and more. */
import { assert } from "@std/assert";
import * as t from "../../mod.ts";
import fixture from "../fixtures/scalar_functions.json" with { type: "json" };

type Differentiable = (x: t.Variable) => t.Variable;
const functions = t as unknown as { readonly [name: string]: Differentiable };

/** Second derivatives are sums whose terms may cancel, so theirs may also be off by an absolute amount. */
const TOLERANCES = [[1e-13, 1e-307], [1e-13, 1e-307], [1e-12, 1e-14]] as const;
const ORDERS = ["value", "derivative", "second derivative"];

for (const [name, rows] of Object.entries(fixture.functions)) {
  const f: Differentiable = (x) => functions[name]!(x);
  const orders = [f, t.grad(f), t.grad(t.grad(f))] as readonly Differentiable[];

  Deno.test(`${name} and its derivatives are right at awkward points, one by one`, () => {
    for (const [x, ...expected] of rows) {
      const point = t.constant(Number(x));
      expected.forEach((e, i) => compare(orders[i]!(point).item(), Number(e), i, `${name}(${x})`));
    }
  });

  Deno.test(`${name} and its derivatives are right at awkward points, in arrays`, () => {
    const point = t.constant(rows.map(([x]) => Number(x)));
    const second = t.grad((x: t.Variable) => t.grad((y: t.Variable) => f(y).sum())(x).sum());
    const results = [f(point), t.grad((x: t.Variable) => f(x).sum())(point), second(point)];
    rows.forEach(([x, ...expected], row) =>
      expected.forEach((e, i) => compare(results[i]!.data[row]!, Number(e), i, `${name}(${x})`))
    );
  });
}

function compare(actual: number, expected: number, order: number, what: string): void {
  const [relative, absolute] = TOLERANCES[order]!;
  const right = actual === expected ||
    Math.abs(actual - expected) <= relative * Math.abs(expected) + absolute;
  assert(right, `${ORDERS[order]} of ${what} is ${actual}, expected ${expected}`);
}
