import { assertAlmostEquals, assertEquals } from "@std/assert";
import { constant, hvp, valueAndGrad, type Variable } from "../../mod.ts";
import fixture from "../fixtures/gmm.json" with { type: "json" };
import { logPosterior, type Mixture } from "./gmm.ts";

const NAMES = ["alphas", "means", "icf"] as const;

/** Compares at 1e-10 of the largest entry. */
function compare(actual: Mixture<Variable>, expected: Mixture<number[] | number[][]>): void {
  for (const name of NAMES) {
    const numbers = expected[name].flat();
    const scale = Math.max(...numbers.map(Math.abs));
    assertEquals(actual[name].size, numbers.length);
    actual[name].data.forEach((x, i) => assertAlmostEquals(x, numbers[i]!, 1e-10 * scale, `${name}[${i}]`));
  }
}

for (const each of fixture.instances) {
  const { alphas, means, icf, x, wishart } = each;
  const at = { alphas: constant(alphas), means: constant(means), icf: constant(icf) };
  const points = constant(x);
  const f = (mixture: Mixture<Variable>) => logPosterior(mixture, points, wishart);

  Deno.test(`the mixture ${each.name} has the value and gradient of PyTorch`, () => {
    const [value, gradient] = valueAndGrad(f)(at);
    assertAlmostEquals(value.item(), each.objective, 1e-10 * Math.abs(each.objective));
    compare(gradient, each.grad);
  });

  Deno.test(`the mixture ${each.name} has the Hessian-vector product of PyTorch`, () => {
    const { alphas, means, icf } = each.hvpDirection;
    compare(hvp(f)(at, { alphas: constant(alphas), means: constant(means), icf: constant(icf) }), each.hvp);
  });
}
