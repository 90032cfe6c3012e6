import { assert, assertLess } from "@std/assert";
import { leastSquares } from "../../../src/optim/mod.ts";
import { constant, type Variable } from "../../../src/variable/mod.ts";
import fixture from "../../fixtures/nist_strd.json" with { type: "json" };
import { type Scope, translate } from "./expression.ts";

type Problem = (typeof fixture.problems)[number];

/** The residuals of a regression problem: its formula, as operations on Variables, less the data. */
function residualsOf(problem: Problem): (b: Variable) => Variable {
  const model = translate(problem.model);
  const data = problem.x_names.map((name, i) => [name, constant(problem.x[i]!)] as const);
  const y = problem.response === "log(y)" ? problem.y.map(Math.log) : problem.y;
  return (b) => {
    const parameters = problem.certified.map((_, i) => [`b${i + 1}`, b.slice(i, 1).reshape([])] as const);
    const scope: Scope = Object.fromEntries([["pi", Math.PI], ...data, ...parameters]);
    return (model(scope) as Variable).sub(y);
  };
}

function assertDigits(
  actual: readonly number[],
  expected: readonly number[],
  digits: number,
  what: string,
): void {
  expected.forEach((value, i) => {
    const error = Math.abs(actual[i]! / value - 1);
    assertLess(error, 0.5 * 10 ** (1 - digits), `${what} ${i + 1} is ${actual[i]}, certified ${value}`);
  });
}

for (const problem of fixture.problems) {
  for (const start of ["start1", "start2"] as const) {
    Deno.test(`leastSquares() finds the certified parameters of ${problem.name} from ${start}`, () => {
      const { x, cost, standardErrors, converged, reason } = leastSquares(
        residualsOf(problem),
        problem[start],
      );
      assert(converged, reason);
      assertDigits(x, problem.certified, 8, "parameter");
      // The residuals of Lanczos1 are rounding, of the data and in any program.
      if (problem.name === "Lanczos1") return;
      assertDigits([2 * cost], [problem.certified_rss], 8, "sum of squares");
      assertDigits(standardErrors!, problem.certified_sd, 8, "standard error");
    });
  }
}
