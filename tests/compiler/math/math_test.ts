/**
 * The vector functions against those of plain numbers. `Math` is within one unit in the last place of float64, so
 * that for float32 it is exact; for float64 its own error is part of the distance.
 *
 * `deno test -A tests/compiler/math/math_test.ts -- --exhaustive` goes over all float32 numbers there are, in an hour.
 */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import * as fc from "npm:fast-check@4";
import {
  type Expression,
  inputExpression,
  scalarAlgebra as s,
} from "../../../src/array/elementwise/expression.ts";
import * as special from "../../../src/array/elementwise/scalar_math.ts";
import { planLanes } from "../../../src/compiler/emit/lane_plan.ts";
import { Lanes } from "../../../src/compiler/math/lanes.ts";
import { canLower, lowerExpression, vectorMath } from "../../../src/compiler/math/lower.ts";
import { hostFunction } from "../../../src/compiler/math/host.ts";
import { relaxedSimd } from "../../../src/compiler/wasm/writer.ts";
import { laneFunction } from "./lane_function.ts";
import { sweepF32, ulpsF32, ulpsF64 } from "../ulps.ts";

const isExhaustive = Deno.args.includes("--exhaustive");

/** exp(x) / (1 + exp(x)) where that is more exact than 1 / (1 + exp(-x)). */
const sigmoid = (x: number): number => x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
const others: Record<string, (...x: number[]) => number> = {
  erf: special.erf,
  erfc: special.erfc,
  sigmoid,
  exp2: (x) => 2 ** x!,
};
const exactOf = (name: string): (x: number) => number =>
  others[name] ?? (Math as unknown as Record<string, (x: number) => number>)[name]!;
const modes = relaxedSimd() ? [true, false] : [false];
const mode = (fused: boolean): string => fused ? "with fused multiply-add" : "without fused multiply-add";

/** Units in the last place for float32, fused and not, and for float64; and where float64 is sampled. */
const functions: readonly [
  name: string,
  single: readonly [number, number],
  double: number,
  ranges: readonly (readonly [number, number])[],
][] = [
  ["sqrt", [0.5, 0.5], 0.5, [[0, 1e10]]],
  ["exp", [1.1, 1.1], 2, [[-745, 710], [-1, 1]]],
  ["exp2", [1.1, 1.1], 2, [[-1075, 1025], [-1, 1]]],
  ["expm1", [1.7, 1.7], 3, [[-40, 710], [-1, 1], [-1e-3, 1e-3]]],
  ["log", [1, 1], 2, [[0, 2], [0, 1e10], [0, 1e-310]]],
  ["log1p", [1.5, 1.5], 2, [[-1, 2], [0, 1e10], [-1e-3, 1e-3]]],
  ["log2", [0.6, 0.6], 2, [[0, 2], [0, 1e10]]],
  ["log10", [0.6, 0.6], 2, [[0, 2], [0, 1e10]]],
  // Where 1 + exp(-x) is just beyond 2^24 its last bit counts most; it is still among the two nearest numbers.
  ["sigmoid", [2.49, 2.49], 3.5, [[-745, 50], [-5, 5]]],
  ["tanh", [1.7, 1.7], 2.5, [[-20, 20], [-1, 1], [-1e-3, 1e-3]]],
  ["sinh", [0.6, 0.6], 3, [[-711, 711], [-2, 2]]],
  ["cosh", [0.6, 0.6], 2.5, [[-711, 711], [-2, 2]]],
  ["asinh", [0.6, 0.6], 3, [[-2, 2], [-1e20, 1e20]]],
  ["acosh", [0.6, 0.6], 3, [[1, 2], [1, 1e20]]],
  ["atanh", [0.6, 0.6], 3, [[-1, 1]]],
  ["sin", [1.6, 2.6], 2.5, [[-10, 10], [-3e6, 3e6]]],
  ["cos", [1.6, 2.6], 2.5, [[-10, 10], [-3e6, 3e6]]],
  ["tan", [0.6, 0.6], 3.2, [[-10, 10], [-3e6, 3e6]]],
  ["asin", [0.6, 0.6], 3, [[-1, 1]]],
  ["acos", [0.6, 0.6], 2, [[-1, 1]]],
  ["atan", [0.6, 0.6], 2.5, [[-10, 10], [-1e9, 1e9]]],
  ["erf", [1.5, 1.8], 2.5, [[-6, 6], [-1e-3, 1e-3]]],
  ["erfc", [4, 4], 5, [[-6, 27.3], [-1, 1]]],
  ["cbrt", [0.6, 0.6], 0, []],
];

for (const [name, single, double, ranges] of functions) {
  for (const fused of modes) {
    Deno.test(`${name} of float32 is exact to ${single[fused ? 0 : 1]} ulp ${mode(fused)}`, () => {
      const compiled = laneFunction("f32x4", 1, (L, x) => vectorMath[name]!.f32!(L, x), { fused });
      const worst = sweepF32(compiled, exactOf(name), { stride: isExhaustive ? 1 : 20011 });
      assertLessOrEqual(worst.ulps, single[fused ? 0 : 1]!, JSON.stringify(worst));
    });

    if (ranges.length === 0) continue;
    Deno.test(`${name} of float64 is within ${double} ulp of Math ${mode(fused)}`, () => {
      const compiled = laneFunction("f64x2", 1, (L, x) => vectorMath[name]!.f64!(L, x), { fused });
      const [input, output] = [compiled.inputs[0]!, compiled.output];
      for (const [from, to] of ranges) {
        input.forEach((_, i) => input[i] = from + (to - from) * ((i * 0.6180339887498949) % 1));
        compiled.run(input.length);
        input.forEach((x, i) => {
          const ulps = ulpsF64(output[i]!, exactOf(name)(x));
          assertLessOrEqual(
            ulps,
            double,
            `${name}(${x}) is ${output[i]}, ${ulps} ulp from ${exactOf(name)(x)}`,
          );
        });
      }
    });
  }
}

const SPECIAL = [
  ...[0, 1, 5e-324, 1e-310, 1e-45, 1e-40, 2 ** -126, 0.5, 2, 1e4, 3e5, 1e30, 3.4e38, 1e300, Infinity],
  ...[88.722839, 88.722843, 103.97, 103.98, 709.7827, 709.7828, 745.13, 745.14, 127.99, 128, 1023.99, 1024],
].flatMap((x) => [x, -x]).concat(NaN, NaN);

for (const [name, , , ranges] of functions) {
  for (const type of ["f32x4", "f64x2"] as const) {
    if (type === "f64x2" && ranges.length === 0) continue;
    Deno.test(`${name} of ${type} is right for zeros, infinities, NaN, subnormal and extreme numbers`, () => {
      for (const fused of modes) {
        const compiled = laneFunction(type, 1, (L, x) => {
          const builder = vectorMath[name]![type === "f32x4" ? "f32" : "f64"]!;
          return builder(L, x);
        }, { fused });
        compiled.inputs[0]!.set(SPECIAL);
        compiled.run(SPECIAL.length);
        SPECIAL.forEach((_, i) => {
          const [x, actual] = [compiled.inputs[0]![i]!, compiled.output[i]!];
          const expected = exactOf(name)(x);
          const rounded = type === "f32x4" ? Math.fround(expected) : expected;
          const isNear = Number.isFinite(rounded) && rounded !== 0 &&
            (type === "f32x4" ? ulpsF32(actual, expected) <= 2.5 : ulpsF64(actual, expected) <= 4);
          assert(Object.is(actual, rounded) || isNear, `${name}(${x}) is ${actual}, not ${rounded}`);
        });
      }
    });
  }
}

Deno.test("bounded functions stay within their bounds", () => {
  const bounds = { sin: [-1, 1], cos: [-1, 1], tanh: [-1, 1], erf: [-1, 1], sigmoid: [0, 1], erfc: [0, 2] };
  for (const [name, [low, high]] of Object.entries(bounds)) {
    for (const type of ["f32x4", "f64x2"] as const) {
      const builder = vectorMath[name]![type === "f32x4" ? "f32" : "f64"]!;
      const compiled = laneFunction(type, 1, (L, x) => builder(L, x));
      const input = compiled.inputs[0]!;
      input.forEach((_, i) => input[i] = 40 * ((i * 0.6180339887498949) % 1) - 20);
      compiled.run(input.length);
      compiled.output.forEach((y, i) => assert(y >= low! && y <= high!, `${name}(${input[i]}) is ${y}`));
    }
  }
});

Deno.test("functions of two operands agree with those of plain numbers", () => {
  const edges = [0, -0, 1, -1, 2, -2, 3, 0.5, -0.5, 1.5, -3.7, 1e-30, 1e30, -1e30, Infinity, -Infinity, NaN];
  const pairs = edges.flatMap((x) => edges.map((y) => [x, y] as const));
  for (let i = 0; i < 400; i++) pairs.push([3 * Math.sin(i * i), 10 * Math.sin(7 * i)], [i / 7, 5 - i / 30]);
  while (pairs.length % 4 !== 0) pairs.push([1, 1]);
  for (const name of ["add", "sub", "mul", "div", "min", "max", "pow", "atan2", "hypot"]) {
    const host = hostFunction(name, 2).run;
    for (const type of ["f32x4", "f64x2"] as const) {
      const builder = vectorMath[name]![type === "f32x4" ? "f32" : "f64"]!;
      for (const fused of modes) {
        const compiled = laneFunction(type, 2, (L, x, y) => builder(L, x, y), { fused });
        pairs.forEach(([x, y], i) => [compiled.inputs[0]![i], compiled.inputs[1]![i]] = [x, y]);
        compiled.run(pairs.length);
        pairs.forEach((_, i) => {
          const [x, y] = compiled.inputs.map((input) => input[i]!) as [number, number];
          const [actual, expected] = [compiled.output[i]!, host(x, y)];
          const rounded = type === "f32x4" ? Math.fround(expected) : expected;
          const isNear = Number.isFinite(rounded) && rounded !== 0 &&
            (type === "f32x4" ? ulpsF32(actual, expected) <= 0.6 : ulpsF64(actual, expected) <= 3);
          assert(Object.is(actual, rounded) || isNear, `${name}(${x}, ${y}) is ${actual}, not ${rounded}`);
        });
      }
    }
  }
});

Deno.test("powers with fixed exponents are products and roots, right at the edges", () => {
  const edges = [0, -0, 1, -1, 2.5, -2.5, 1e-20, 1e10, Infinity, -Infinity, NaN, 0.3];
  for (const exponent of [0, 1, 2, 3, 4, -1, -2, 0.5, -0.5, 1.5, 2.5, -3, 7]) {
    const power = s.pow(inputExpression(0), exponent);
    for (const type of ["f32x4", "f64x2"] as const) {
      const compiled = laneFunction(type, 1, (L, x) => lowerExpression(power, L, [x]));
      compiled.inputs[0]!.set(edges);
      compiled.run(edges.length);
      edges.forEach((_, i) => {
        const x = compiled.inputs[0]![i]!;
        const [actual, expected] = [compiled.output[i]!, Math.pow(x, exponent)];
        const ulps = type === "f32x4" ? ulpsF32(actual, expected) : ulpsF64(actual, expected);
        assert(Object.is(actual, expected) || ulps <= 2, `${x} ** ${exponent} is ${actual}, not ${expected}`);
      });
    }
  }
});

Deno.test("a comparison that is only tested stays a mask", () => {
  const [x, y] = [inputExpression(0), inputExpression(1)];
  const count = (e: Expression): number => {
    const L = new Lanes("f32x4", { fused: true });
    return planLanes([lowerExpression(e, L, [L.input(0), L.input(1)])]).instructionCount;
  };
  assertEquals(count(s.select(s.lt(x, y), x, y)), 2);
  assertEquals(count(s.select(s.mul(s.lt(x, y), s.ne(x, 0)), x, y)), 4);
  assertEquals(count(s.select(s.sub(1, s.lt(x, y)), x, y)), 2);
  assertEquals(count(s.select(s.eq(s.lt(x, y), 0), x, y)), 2);
  assertEquals(count(s.lt(x, y)), 2);
  assertEquals(count(s.max(x, 1)), 1);
  assertEquals(count(s.select(s.gt(2, 1), x, y)), 0);
});

Deno.test("what is used twice is computed once", () => {
  const L = new Lanes("f32x4", { fused: true });
  const x = L.input(0);
  const both = [
    s.mul(s.exp(inputExpression(0)), 2),
    s.add(s.exp(inputExpression(0)), 1),
  ].map((e) => lowerExpression(e, L, [x]));
  const alone = planLanes([both[0]!]).instructionCount;
  assertEquals(planLanes(both).instructionCount, alone + 1);
});

Deno.test("functions without a vector form call the host for each element", () => {
  const formula = s.add(s.lgamma(inputExpression(0)), s.mod(inputExpression(0), 0.7));
  assertEquals(canLower(formula), true);
  for (const type of ["f32x4", "f64x2"] as const) {
    const compiled = laneFunction(type, 1, (L, x) => lowerExpression(formula, L, [x]));
    assertEquals(compiled.plan.hosts.length, 2);
    const input = compiled.inputs[0]!;
    for (let i = 0; i < 8; i++) input[i] = 0.3 + i;
    compiled.run(8);
    for (let i = 0; i < 8; i++) {
      const expected = special.lgamma(input[i]!) +
        special.mod(input[i]!, type === "f32x4" ? Math.fround(0.7) : 0.7);
      assertLessOrEqual(
        Math.abs(compiled.output[i]! - expected),
        type === "f32x4" ? 1e-5 : 1e-14,
        `element ${i}`,
      );
    }
  }
});

Deno.test("random formulas give what the host gives", () => {
  const binary = ["add", "sub", "mul", "min", "max", "lt", "ge", "eq", "ne"] as const;
  const unary = ["neg", "abs", "sign", "floor", "ceil", "trunc", "round", "tanh", "sigmoid", "sqrt"] as const;
  const { formula } = fc.letrec<{ formula: Expression }>((tie) => ({
    formula: fc.oneof(
      { depthSize: "small" },
      fc.integer({ min: 0, max: 1 }).map(inputExpression),
      fc.constantFrom(0, 1, 2, -0.5).map((x) => ({ operation: "number", operands: [], value: x })),
      fc.tuple(fc.constantFrom(...unary), tie("formula")).map(([f, x]) => s[f](x)),
      fc.tuple(fc.constantFrom(...binary), tie("formula"), tie("formula")).map(([f, x, y]) => s[f](x, y)),
      fc.tuple(tie("formula"), tie("formula"), tie("formula")).map(([c, x, y]) => s.select(c, x, y)),
    ),
  }));
  const evaluate = (e: Expression, inputs: number[]): number =>
    e.operation === "input"
      ? inputs[e.value]!
      : e.operation === "number"
      ? e.value
      : hostFunction(e.operation, e.operands.length).run(...e.operands.map((o) => evaluate(o, inputs)));
  const values = [0, 1, -1, 0.25, -2.75, 3.5, 0, -0.125];
  fc.assert(
    fc.property(formula, fc.boolean(), (e, fused) => {
      const compiled = laneFunction("f64x2", 2, (L, x, y) => lowerExpression(e, L, [x, y]), {
        fused: fused && relaxedSimd(),
      });
      compiled.inputs[0]!.set(values);
      compiled.inputs[1]!.set(values.toReversed());
      compiled.run(values.length);
      values.forEach((x, i) => {
        const [actual, expected] = [compiled.output[i]!, evaluate(e, [x, values[7 - i]!])];
        const isSame = Object.is(actual, expected) || actual === expected;
        // A rounded last bit of tanh may be seen by a comparison or by floor: only smooth formulas must agree.
        const isRounded = JSON.stringify(e).match(/tanh|sigmoid|sqrt/) !== null;
        const isJumpy =
          JSON.stringify(e).match(/"(lt|ge|eq|ne|floor|ceil|trunc|round|sign|select)"/) !== null;
        const isNear = isRounded &&
          (isJumpy || Math.abs(actual - expected) <= 1e-13 * Math.abs(expected) + 1e-13);
        assert(isSame || isNear, `${actual}, not ${expected}`);
      });
    }),
    { numRuns: 150 },
  );
});
