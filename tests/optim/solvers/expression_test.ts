import { assertEquals, assertThrows } from "@std/assert";
import { constant, type Variable } from "../../../src/variable/mod.ts";
import { translate } from "./expression.ts";

const SCOPE = { a: 2, b: 3, x: 0.5, pi: Math.PI };

for (
  const formula of [
    "1+2*3-4/5",
    "2-3-4",
    "64/4/2",
    "2**3**2",
    "-a*b",
    "a*-b",
    "2**-a",
    "(-a)**2",
    "-(a**2)",
    "a-(-b)",
    "- -a",
    "+a",
    "1.5e-3*a+.5",
    "exp(-b*x)/(a+b*x)",
    "b*(1-(1+b*x/2)**(-2))",
    "Math.atan(x)/pi+Math.pow(a,b)-sqrt(log(b))+sin(x)*cos(x)",
  ]
) {
  Deno.test(`the translation of ${formula} has the value that JavaScript gives it`, () => {
    const plain = formula.replace(/\b(?:Math\.)?(exp|log|sqrt|sin|cos|atan|pow)\(/g, "Math.$1(");
    const expected = new Function(...Object.keys(SCOPE), `return ${plain}`)(...Object.values(SCOPE));
    const value = translate(formula)({ ...SCOPE, a: constant(SCOPE.a), b: constant(SCOPE.b) });
    assertEquals(Math.fround(Number((value as Variable).value ?? value)), Math.fround(expected));
  });
}

Deno.test("the translation refuses what is no formula", () => {
  for (const text of ["", "1+", "(1", "1)", "-a**2", "a b", "1 $ 2", "tan(1)", "c", "exp()", "pow(1,"]) {
    assertThrows(() => translate(text)(SCOPE), SyntaxError, "Cannot translate");
  }
});
