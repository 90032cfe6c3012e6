import { assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import * as fc from "npm:fast-check@4";
import {
  digamma,
  erf,
  erfc,
  erfinv,
  grad,
  lgamma,
  logit,
  polygamma,
  sigmoid,
  type Variable,
} from "../../../mod.ts";

function close(actual: number, expected: number, tolerance = 4e-15): void {
  assertLessOrEqual(
    Math.abs(actual - expected),
    tolerance * Math.max(1e-300, Math.abs(expected)),
    `${actual}, expected ${expected}`,
  );
}

Deno.test("polygamma() has the values in the tables", () => {
  close(digamma(1).item(), -0.5772156649015329);
  close(digamma(0.5).item(), -1.9635100260214235);
  close(polygamma(1, 1).item(), Math.PI ** 2 / 6);
  close(polygamma(1, 0.5).item(), Math.PI ** 2 / 2);
  close(polygamma(2, 1).item(), -2.4041138063191886);
  close(polygamma(3, 1).item(), Math.PI ** 4 / 15);
  close(polygamma(1, -0.5).item(), Math.PI ** 2 / 2 + 4);
  close(polygamma(3, -0.5).item(), Math.PI ** 4 + 96);
});

Deno.test("digamma() keeps its digits next to its root", () => {
  // Values by 30-digit arithmetic.
  close(digamma(1.4616321449683622).item(), -9.241265521729427e-17);
  close(digamma(1.4616321449683625).item(), 1.224537462200407e-16);
});

Deno.test("lgamma() keeps its digits next to its zeros", () => {
  close(lgamma(1 + 2 ** -40).item(), -5.249745890076018e-13);
  close(lgamma(2 - 2 ** -40).item(), -3.845201127643794e-13);
  assertEquals(lgamma([1, 2]).value, [0, 0]);
});

Deno.test("lgamma() and digamma() have their poles at 0 and the negative integers", () => {
  assertEquals(lgamma([0, -0, -1, -7, -Infinity, NaN]).value, [
    Infinity,
    Infinity,
    Infinity,
    Infinity,
    Infinity,
    NaN,
  ]);
  assertEquals(digamma([0, -0, -1, -Infinity, NaN]).value, [-Infinity, Infinity, NaN, NaN, NaN]);
  assertEquals(polygamma(1, [0, -3, Infinity, -Infinity]).value, [Infinity, Infinity, 0, NaN]);
});

Deno.test("lgamma(x + 1) is lgamma(x) + log|x|, on both sides of 0", () => {
  fc.assert(fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (x) => {
    if (Number.isInteger(x) || Number.isInteger(x + 1)) return;
    const [left, right] = [lgamma(x + 1).item(), lgamma(x).item() + Math.log(Math.abs(x))];
    const nearPole = 1 / Math.min(1, Math.abs(x - Math.round(x)));
    assertLessOrEqual(Math.abs(left - right), 1e-14 * (Math.abs(left) + 30 + nearPole), `${left}, ${right}`);
  }));
});

Deno.test("polygamma(n, x + 1) is polygamma(n, x) + (-1)^n n! / x^(n + 1)", () => {
  const order = fc.integer({ min: 0, max: 6 });
  fc.assert(fc.property(order, fc.double({ min: 0.05, max: 40, noNaN: true }), (n, x) => {
    let step = 1 / x;
    for (let k = 1; k <= n; k++) step *= -k / x;
    const [left, right] = [polygamma(n, x + 1).item(), polygamma(n, x).item() + step];
    assertLessOrEqual(Math.abs(left - right), 1e-14 * (Math.abs(left) + Math.abs(step)), `${left}, ${right}`);
  }));
});

Deno.test("the derivatives of lgamma are digamma, then polygamma(1), polygamma(2)", () => {
  const first = grad((x: Variable) => lgamma(x));
  const second = grad((x: Variable) => first(x));
  assertEquals(first(3.3), digamma(3.3).item());
  assertEquals(second(3.3), polygamma(1, 3.3).item());
  assertEquals(grad((x: Variable) => second(x))(3.3), polygamma(2, 3.3).item());
});

Deno.test("polygamma() refuses an order that is not 0 or a positive integer", () => {
  for (const order of [-1, 0.5, NaN, Infinity]) {
    assertThrows(
      () => polygamma(order, 1),
      RangeError,
      `Cannot take polygamma of order ${order}: it must be 0 or a positive integer`,
    );
  }
});

Deno.test("erfinv() undoes erf(), from the tail to tiny numbers", () => {
  fc.assert(fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (x) => {
    close(erf(erfinv(x)).item(), x, 1e-15);
  }));
  assertEquals(erfinv([1, -1, 1.5, NaN, -0]).value, [Infinity, -Infinity, NaN, NaN, -0]);
  assertEquals(grad((x: Variable) => erfinv(x))(1), Infinity);
});

Deno.test("erf() is odd, and erf(x) + erfc(x) is 1", () => {
  fc.assert(fc.property(fc.double({ noNaN: true }), (x) => {
    assertEquals(erf(-x).item(), -erf(x).item());
    close(erf(x).item() + erfc(x).item(), 1, 5e-16);
  }));
  assertEquals(erf([Infinity, -Infinity, NaN, -0]).value, [1, -1, NaN, -0]);
  assertEquals(erfc([Infinity, -Infinity, NaN, 27, 28]).value, [0, 2, NaN, 5.237048923789256e-319, 0]);
});

Deno.test("logit() undoes sigmoid(), and is exactly 0 at 1/2", () => {
  fc.assert(fc.property(fc.double({ min: -700, max: 30, noNaN: true }), (x) => {
    const p = sigmoid(x).item();
    // An error of p is magnified by 1 / (p (1 - p)).
    assertLessOrEqual(Math.abs(logit(p).item() - x), 4e-16 * (1 / (1 - p) + 1 + Math.abs(x)), `${x}`);
  }));
  assertEquals(logit([0, 0.5, 1, -0.1, 1.1]).value, [-Infinity, 0, Infinity, NaN, NaN]);
});
