import { assertEquals, assertThrows } from "@std/assert";
import { grad, tape, type Variable, variable } from "../../mod.ts";
import { computeScalar, type Operation, operations } from "../../src/primitives/mod.ts";
import { reverseWalk } from "../../src/tape/mod.ts";
import { binary, unary } from "../../src/variable/apply.ts";

const NUMBERS = [0, -0, 1, -1, 0.3, -2.7, 1e-300, 700, Infinity, -Infinity, NaN, 4];
/** More rows than it takes for a rule to be written into the loop, so that both ways of passing back are met. */
const ROWS = 600;

const scalarOperations = operations.filter(({ scalar, primitive: { arity } }) =>
  scalar !== null && (arity === 1 || arity === 2)
);

/** The derivatives that come back over rows of one operation, from an adjoint of 1 at the sum of all results. */
function walkOver(operation: Operation): { readonly found: number[]; readonly expected: number[] } {
  const isBinary = operation.primitive.arity === 2;
  const found: number[] = [];
  const expected: number[] = [];
  const results: Variable[] = [];
  const inputs: Variable[] = [];
  let sum = variable(0);
  for (let i = 0; i < ROWS; i++) {
    const x = variable(NUMBERS[i % NUMBERS.length]!);
    const y = variable(NUMBERS[Math.floor(i / NUMBERS.length) % NUMBERS.length]!);
    const result = isBinary ? binary(operation, x, y) : unary(operation, x);
    inputs.push(x, y);
    results.push(result);
    sum = sum.add(result);
  }
  const adjoints = reverseWalk(tape, 0, sum.row, 1);
  results.forEach((result, i) => {
    const [x, y] = [inputs[2 * i]!, inputs[2 * i + 1]!];
    const values = isBinary ? [x.number, y.number, result.number] : [x.number, result.number];
    for (const [k, operand] of (isBinary ? [x, y] : [x]).entries()) {
      const rule = operation.scalarPartial(k);
      // An adjoint is a sum that begins with 0, so that it is never -0.
      if (rule !== null) expected.push(0 + rule(1, ...values));
      if (rule !== null) found.push(adjoints.at(operand.row) as number);
      else assertEquals(adjoints.at(operand.row), undefined);
    }
  });
  tape.clear();
  return { found, expected };
}

for (const operation of scalarOperations) {
  Deno.test(`rows of ${operation.name} pass derivatives back by its rule, before and after it is learned`, () => {
    const { found, expected } = walkOver(operation);
    assertEquals(found.findIndex((value, i) => !Object.is(value, expected[i])), -1);
    assertEquals(found.length, expected.length);
  });

  Deno.test(`${operation.name} of single numbers is its formula, to the bit`, () => {
    for (const x of NUMBERS) {
      for (const y of NUMBERS) {
        const value = computeScalar(operation, x, y);
        if (!Object.is(value, operation.scalar!(x, y))) {
          assertEquals(value, operation.scalar!(x, y), `${x}, ${y}`);
        }
      }
    }
  });
}

/** A chain of numbers with an array in it, a constant, a branch that is not reached and a value used twice. */
function mixed(x: Variable): Variable {
  let sum = x;
  for (let i = 0; i < 400; i++) {
    const scaled = sum.mul(x).mul(0.5);
    scaled.exp();
    sum = scaled.sub(x.div(3)).add(scaled.mul(scaled).neg());
    if (i % 100 === 50) sum = sum.mul([1, 2]).sum().mul(0.1);
  }
  return sum;
}

Deno.test("a walk over numbers and arrays gives the same each time", () => {
  const slope = grad(mixed);
  const first = slope(0.7);
  for (let i = 0; i < 3; i++) assertEquals(slope(0.7), first);
  const step = 1e-6;
  const plus = mixed(variable(0.7 + step)).item();
  const minus = mixed(variable(0.7 - step)).item();
  tape.clear();
  assertEquals(Math.abs((plus - minus) / (2 * step) - first) < 1e-7 * Math.max(1, Math.abs(first)), true);
});

Deno.test("rows that a walk does not reach keep their graph on the tape", () => {
  const [w, v] = [variable(2), variable(3)];
  for (let i = 0; i < 300; i++) w.mul(w).backward();
  const waiting = v.mul(v);
  w.mul(w).backward();
  waiting.backward();
  assertEquals(v.grad?.value, 6);
  assertEquals(tape.length, 0);
});

Deno.test("a handle is stale after its graph was dropped before rows that stay", () => {
  const [w, v] = [variable(2), variable(3)];
  const square = w.mul(w);
  const loss = square.add(1);
  const waiting = v.mul(v);
  loss.backward();
  assertThrows(() => square.mul(2), TypeError, "its row was dropped");
  waiting.backward();
  assertEquals(v.grad?.value, 6);
});
