/** Runs the cases of a PyTorch fixture: values, gradients, Hessian-vector and Jacobian-vector products. */
import { assert, assertEquals } from "@std/assert";
import { constant, grad, NdArray, type Variable } from "../../mod.ts";

/** Numbers as they stand in a fixture: non-finite ones are texts. */
interface Tensor {
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

/** One case: `grads[k]` is the sum over outputs of cotangent times the derivative by input k. */
export interface Case {
  readonly id: string;
  readonly op: string;
  // deno-lint-ignore no-explicit-any
  readonly attrs: any;
  readonly inputs: readonly (Tensor & { readonly dtype: string; readonly diff: boolean })[];
  readonly outputs: readonly Tensor[];
  readonly cotangents: readonly (Tensor | null)[];
  readonly grads: readonly (Tensor | null)[];
  readonly tangents?: readonly (Tensor | null)[] | null;
  readonly hvp?: readonly (Tensor | null)[] | null;
  readonly jvp?: readonly (Tensor | null)[] | null;
}

/** A fixture as it is imported. */
export interface Fixture {
  readonly cases: readonly unknown[];
}

/** How this library computes an operation: from the inputs and the attributes to one result or several. */
// deno-lint-ignore no-explicit-any
export type Run = (inputs: readonly Variable[], attrs: any) => Variable | readonly Variable[];

function read({ shape, data }: Tensor): NdArray {
  return new NdArray(Float64Array.from(data, Number), shape);
}

function compare(actual: Variable, expected: Tensor, what: string, floor = Number.MIN_VALUE): void {
  assertEquals([...actual.shape], [...expected.shape], what);
  const numbers = expected.data.map(Number);
  const scale = Math.max(...numbers.filter(Number.isFinite).map(Math.abs), floor);
  const found = actual.data;
  numbers.forEach((value, i) => {
    const right = Number.isFinite(value)
      ? Math.abs(found[i]! - value) <= 1e-10 * scale
      : Object.is(found[i], value);
    assert(right, `${what}[${i}] is ${found[i]}, expected ${value}`);
  });
}

/**
 * Declares one test for each case of a fixture.
 *
 * @param runs How each operation is computed here
 * @param missing Operations without a counterpart here, each with the reason
 */
export function testCases(
  fixture: Fixture,
  runs: Readonly<Record<string, Run>>,
  missing: Readonly<Record<string, string>> = {},
): void {
  for (const each of fixture.cases as readonly Case[]) {
    if (each.op in missing) continue;
    Deno.test(`${each.id} ${each.op}: PyTorch has the same value and derivatives`, () => {
      assert(each.op in runs, `no counterpart of ${each.op} is named`);
      testCase(each, runs[each.op]!);
    });
  }
  Deno.test("every operation that is said to be missing is in the fixture", () => {
    for (const op of Object.keys(missing)) {
      assert((fixture.cases as readonly Case[]).some((each) => each.op === op), op);
    }
  });
}

function testCase(each: Case, run: Run): void {
  const { attrs, inputs, outputs, cotangents, grads, tangents, hvp, jvp } = each;
  const arrays = inputs.map((input) => constant(read(input)));
  const results = (all: readonly Variable[]): readonly Variable[] => [run(all, attrs)].flat();
  results(arrays).forEach((result, i) => compare(result, outputs[i]!, `output ${i}`));

  const free = inputs.map((_, k) => k).filter((k) => inputs[k]!.diff && grads[k] !== null);
  if (free.length === 0) return;
  const points = free.map((k) => arrays[k]!);
  const place = (variables: readonly Variable[]): Variable[] =>
    arrays.map((x, k) => free.includes(k) ? variables[free.indexOf(k)]! : x);
  const argnums = free.map((_, i) => i);
  type Gradient = (...x: Variable[]) => Variable[];
  const gradientOf = (f: (...x: Variable[]) => Variable): Gradient =>
    grad(f as never, { argnums }) as unknown as Gradient;
  const weighted = (weights: readonly (Variable | null)[]) => (...variables: Variable[]): Variable =>
    results(place(variables))
      .flatMap((result, i) => weights[i] ? [result.mul(weights[i]).sum()] : [])
      .reduce((a, b) => a.add(b));
  const given = cotangents.map((g) => g === null ? null : constant(read(g)));
  const gradient = gradientOf(weighted(given));
  gradient(...points).forEach((g, i) => compare(g, grads[free[i]!]!, `gradient ${free[i]}`));

  if (!tangents) return;
  const along = (gradients: readonly Variable[]): Variable =>
    gradients.map((g, i) => {
      const tangent = tangents[free[i]!];
      return tangent ? g.mul(read(tangent)).sum() : g.sum().mul(0);
    }).reduce((a, b) => a.add(b));
  if (hvp) {
    const second = gradientOf((...x) => along(gradient(...x)));
    second(...points).forEach((h, i) => {
      const expected = hvp[free[i]!];
      // Where second derivatives cancel, all that the fixture has is rounding.
      if (expected) compare(h, expected, `hvp ${free[i]}`, 1e-3);
    });
  }
  jvp?.forEach((expected, i) => {
    if (expected === null) return;
    // J d is the derivative of w -> <w, J d> = <J' w, d>, which is linear in w.
    const pulled = (w: Variable): Variable =>
      along(gradientOf(weighted(outputs.map((_, j) => j === i ? w : null)))(...points));
    const start = constant(new NdArray(new Float64Array(outputs[i]!.data.length), outputs[i]!.shape));
    compare(grad(pulled as (w: Variable) => Variable)(start), expected, `jvp ${i}`);
  });
}
