import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import * as t from "../../mod.ts";
import * as functions from "../../src/functions/mod.ts";
import { badValues, faultOf } from "./bad_values.ts";
import { good } from "./good_arguments.ts";

type Call = (...args: readonly unknown[]) => unknown;

/** Names of all functions on Variables. */
const names = Object.keys(functions).filter((name) => typeof Reflect.get(functions, name) === "function");

function isOptions(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Good arguments with a bad value in place of each, and of each option. */
function* mistakes(name: string): Generator<[what: string, args: unknown[]]> {
  const args = good[name]!();
  for (let i = 0; i < args.length; i++) {
    for (const [kind, value] of badValues()) {
      yield [`argument ${i} is ${kind}`, args.with(i, value)];
      const given = args[i];
      if (!isOptions(given)) continue;
      for (const key of Object.keys(given)) {
        yield [`${key} is ${kind}`, args.with(i, { ...given, [key]: value })];
      }
    }
  }
  yield ["there are no arguments", []];
}

/** What is wrong with the answer of a call, or undefined. */
function faultOfCall(call: Call, args: readonly unknown[]): string | undefined {
  const start = performance.now();
  try {
    call(...args);
  } catch (error) {
    return faultOf(error);
  }
  const seconds = (performance.now() - start) / 1000;
  return seconds > 20 ? `it takes ${seconds} s` : undefined;
}

Deno.test("there are arguments for every function on Variables", () => {
  assertEquals(names.filter((name) => !(name in good)), []);
  assertEquals(Object.keys(good).filter((name) => !names.includes(name)), []);
});

for (const name of names.filter((name) => name in good)) {
  Deno.test(`${name}() answers mistakes in words that name what to do`, () => {
    const call = Reflect.get(t, name) as Call;
    call(...good[name]!());
    const faults = [...mistakes(name)].flatMap(([what, args]) => {
      const fault = faultOfCall(call, args);
      return fault === undefined ? [] : [`${what}: ${fault}`];
    });
    assertEquals(faults, []);
  });
}

/** Options of the wrong kind that would otherwise be taken without a word. */
const SILENT: readonly (readonly [name: string, options: Record<string, unknown>])[] = [
  ["softmax", { dim: 0 }],
  ["sum", { keepdims: true }],
  ["sum", { keepDims: 1 }],
  ["cumSum", { reverse: "yes" }],
  ["sort", { ascending: true }],
  ["conv2d", { stride: 2 }],
  ["maxPool2d", { stride: 2 }],
  ["layerNorm", { eps: 1e-5 }],
  ["meanSquaredError", { reduce: "sum" }],
  ["triangularSolve", { lower: true }],
  ["pad", { constant: 1 }],
];
for (const [name, options] of SILENT) {
  Deno.test(`${name}() does not pass over ${JSON.stringify(options)}`, () => {
    const args = good[name]!();
    const call = Reflect.get(t, name) as Call;
    const error = assertThrows(
      () => call(...args.slice(0, -1), isOptions(args.at(-1)) ? options : args.at(-1), options),
      TypeError,
    );
    assertMatch(error.message, /there is no option|use true or false/);
  });
}

Deno.test("sum() of a text for an axis is refused", () => {
  assertThrows(
    () => (t.sum as Call)([1, 2], "abc"),
    TypeError,
    'Cannot read the options of sum: found "abc"',
  );
});
