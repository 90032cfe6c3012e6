import { assertEquals, assertStringIncludes } from "@std/assert";
import { CAN_COMPILE, evaluator } from "../../src/array/elementwise/expression.ts";
import { inputExpression, numberExpression, scalarAlgebra } from "../../src/array/elementwise/expression.ts";
import { scalarFunction } from "../../src/array/elementwise/loops.ts";
import { operations } from "../../src/primitives/mod.ts";

const FORBIDDEN = "--v8-flags=--disallow-code-generation-from-strings";
const canRun = (await Deno.permissions.query({ name: "run" })).state === "granted" &&
  (await Deno.permissions.query({ name: "read" })).state === "granted";
const ROOT = new URL("../../", import.meta.url);

/** Runs Deno in the project, with or without the right to make code of text. */
async function run(
  allowed: boolean,
  command: readonly string[],
  ...args: string[]
): Promise<Deno.CommandOutput> {
  const [name, ...options] = command;
  return await new Deno.Command(Deno.execPath(), {
    args: [name!, ...allowed ? [] : [FORBIDDEN], ...options, ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
}

const NUMBERS = [0, -0, 1, -1, 0.3, -2.7, 1e-300, 700, -800, Infinity, -Infinity, NaN, 4];

for (const { name, primitive } of operations) {
  const { lower, arity } = primitive;
  if (lower === undefined) continue;
  Deno.test(`${name} without code of its own is what it is with it, to the bit`, () => {
    const inputs = [0, 1, 2].map(inputExpression);
    const formula = lower(scalarAlgebra, inputs[0]!, inputs[1]!, inputs[2]!);
    const compiled = scalarFunction(formula, arity as number);
    const evaluate = evaluator(formula, arity as number);
    for (const a of NUMBERS) {
      for (const b of arity === 1 ? [0] : NUMBERS) {
        for (const c of arity === 3 ? NUMBERS : [0]) {
          const numbers = [a, b, c].slice(0, arity as number);
          const [found, expected] = [evaluate(numbers), compiled(...numbers)];
          if (!Object.is(found, expected)) assertEquals(found, expected, `${name}(${numbers})`);
        }
      }
    }
  });
}

Deno.test("a formula that is a number or an input is evaluated too", () => {
  assertEquals(CAN_COMPILE, true);
  assertEquals(evaluator(numberExpression(3), 1)([1]), 3);
  assertEquals(evaluator(inputExpression(1), 2)([1, 7]), 7);
});

Deno.test(
  { name: "the tour and walks over numbers run where code may not be made of text", ignore: !canRun },
  async () => {
    const files = ["tests/tour_test.ts", "tests/tape/scalar_walk_test.ts"];
    const { success, stdout, stderr } = await run(false, ["test", "-A", "--no-check"], ...files);
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assertEquals(success, true, decode(stdout) + decode(stderr));
    assertStringIncludes(decode(stdout), "0 failed");
  },
);

Deno.test(
  { name: "the Iris example gives the same where code may not be made of text", ignore: !canRun },
  async () => {
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const [allowed, forbidden] = await Promise.all(
      [true, false].map((may) =>
        run(may, ["run", "-A", "--no-check"], "examples/iris.ts", "--epochs", "20", "--no-pictures")
      ),
    );
    assertEquals(forbidden!.success, true, decode(forbidden!.stderr));

    const lines = (output: Deno.CommandOutput) => decode(output.stdout);
    assertEquals(lines(forbidden!), lines(allowed!));
  },
);
