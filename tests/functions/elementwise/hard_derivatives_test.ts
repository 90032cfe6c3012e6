import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  acos,
  asin,
  atanh,
  compile,
  constant,
  grad,
  polygamma,
  pow,
  type Variable,
  vmap,
} from "../../../mod.ts";

type Unary = (x: Variable) => Variable;
const second = (f: Unary) => grad((x: Variable) => grad(f)(x) as Variable) as (x: number) => number;

/** The second derivative near 0, from the series: the slope there times x. */
const NEAR_ZERO: readonly (readonly [string, Unary, number])[] = [
  ["asin", asin, 1],
  ["acos", acos, -1],
  ["atanh", atanh, 2],
];

for (const [name, f, slope] of NEAR_ZERO) {
  Deno.test(`the second derivative of ${name}() is exact near 0, eager, compiled and batched`, () => {
    for (const x of [0, 1e-3, 1e-9, -1e-17, 1e-150]) {
      // The next term of each series is below x² of this one.
      const tolerance = Math.abs(slope * x) * (3 * x * x + 4e-16);
      assertAlmostEquals(second(f)(x), slope * x, tolerance);
      assertAlmostEquals(compile(second(f) as never as Unary)(constant(x)).item(), slope * x, tolerance);
      const each = vmap((v: Variable) => grad((u: Variable) => grad(f)(u) as Variable)(v) as Variable)(
        constant([x, x]),
      );
      each.data.forEach((d) => assertAlmostEquals(d, slope * x, tolerance));
    }
  });
}

Deno.test("derivatives of powers with exponents 0 and 1 hold at the smallest float32 numbers", () => {
  for (const x of [1e-45, 1e-40, 1e-38, 1, -1e-40]) {
    for (const [exponent, expected] of [[0, 0], [1, 1]] as const) {
      const input = constant(new Float32Array([x]));
      const y = constant(new Float32Array([exponent]));
      const ways: readonly Unary[] = [(v) => pow(v, exponent).sum(), (v) => pow(v, y).sum()];
      for (const f of ways) {
        const slope = (v: Variable) => grad(f)(v) as Variable;
        const bent = (v: Variable) => grad((u: Variable) => slope(u).sum())(v) as Variable;
        for (const run of [(g: Unary) => g, compile] as readonly ((g: Unary) => Unary)[]) {
          assertEquals([...run(slope)(input).data], [expected], `x ${x}, exponent ${exponent}`);
          // Below, 1 / x is infinite.
          if (Math.abs(x) < 1e-38) continue;
          assertEquals([...run(bent)(input).data].map(Math.abs), [0], `second, x ${x}, exponent ${exponent}`);
        }
        assertEquals([...vmap((v: Variable) => slope(v.reshape([1])))(input).data], [expected]);
      }
    }
  }
});

Deno.test("the mixed derivative of x^y by x and y at y = 0 is 1 / x", () => {
  const mixed = grad((y: Variable) => grad((x: Variable) => pow(x, y))(constant(4)) as Variable);
  assertAlmostEquals(mixed(0), 0.25, 1e-15);
});

/** n, x and the value, summed with 60 digits by Python's decimal module. */
const HIGH_ORDERS = [
  [200, 1000, -4.3508192705971016e-228],
  [171, 50.5, 13894887718127306],
  [180, 90, -4.4510775756782986e-25],
  [172, -0.5, -7.3370036562215103e280],
  [100, 1e4, -9.379363201561051e-245],
] as const;

Deno.test("polygamma() of high orders is right where factors overflow, and returns at once", () => {
  for (const [n, x, value] of HIGH_ORDERS) {
    assertAlmostEquals(polygamma(n, x).item() / value, 1, 1e-11, `polygamma(${n}, ${x})`);
  }
  const start = performance.now();
  for (const n of [1e5, 1e5 + 1, 1e10, 1e10 + 1, 1e300]) {
    for (const x of [2, 1e-3, 0.5, -0.25, -2.5, 1e9, -1e9 - 0.5]) {
      assert(!Number.isNaN(polygamma(n, x).item()), `${n}, ${x}`);
    }
  }
  assert(performance.now() - start < 2000);
  assertEquals(polygamma(1e5, 2).item(), -Infinity);
  assertEquals(polygamma(1e5 + 1, 2).item(), Infinity);
});
