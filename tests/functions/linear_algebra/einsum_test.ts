import { assertEquals, assertThrows } from "@std/assert";
import fc from "npm:fast-check@4";
import { checkGradients } from "../../../src/testing/mod.ts";
import { constant, einsum, grad, matmul, NdArray, type Variable } from "../../../mod.ts";

/** Distinct small integers, whose products and sums are exact. */
function integers(shape: readonly number[], seed: number): NdArray {
  const size = shape.reduce((a, b) => a * b, 1);
  return new NdArray(Float64Array.from({ length: size }, (_, i) => (i * 5 + seed * 3) % 7 - 3), shape);
}

/** The definition: a loop over all letters at once. */
function slowEinsum(inputs: readonly string[], output: string, arrays: readonly NdArray[]): NdArray {
  const lengths = new Map<string, number>();
  inputs.forEach((letters, k) => [...letters].forEach((l, i) => lengths.set(l, arrays[k]!.shape[i]!)));
  const letters = [...lengths.keys()];
  const shape = [...output].map((l) => lengths.get(l)!);
  const out = new NdArray(new Float64Array(shape.reduce((a, b) => a * b, 1)), shape);
  const at = new Map<string, number>();
  const offset = (word: string): number =>
    [...word].reduce((sum, l) => sum * lengths.get(l)! + at.get(l)!, 0);
  const visit = (depth: number): void => {
    if (depth === letters.length) {
      out.data[offset(output)]! += inputs.reduce((p, word, k) => p * arrays[k]!.data[offset(word)]!, 1);
      return;
    }
    for (let i = 0; i < lengths.get(letters[depth]!)!; i++) {
      at.set(letters[depth]!, i);
      visit(depth + 1);
    }
  };
  visit(0);
  return out;
}

Deno.test("einsum() is the sum over all letters, for any letters in any order", () => {
  const lengths: Record<string, number> = { a: 2, b: 3, c: 1, d: 4 };
  const word = fc.string({ unit: fc.constantFrom(..."abcd"), maxLength: 4 });
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 4 }),
      fc.shuffledSubarray([..."abcd"]),
      (inputs, wanted) => {
        const output = wanted.filter((l) => inputs.join("").includes(l)).join("");
        const arrays = inputs.map((letters, k) => integers([...letters].map((l) => lengths[l]!), k));
        const expected = slowEinsum(inputs, output, arrays);
        const result = einsum(`${inputs.join(",")}->${output}`, ...arrays);
        assertEquals([...result.shape], [...expected.shape]);
        assertEquals(Array.from(result.data, (x) => x + 0), Array.from(expected.data, (x) => x + 0));
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("einsum() without an arrow names the letters that stand once, in alphabetical order", () => {
  const x = integers([2, 3], 1);
  const y = integers([3, 4], 2);
  assertEquals(einsum("ij,jk", x, y).value, matmul(x, y).value);
  assertEquals(einsum("ba", x).value, constant(x).transpose().value);
  assertEquals(einsum("ii", [[1, 2], [3, 4]]).value, 5);
  assertEquals(einsum("i,i", [1, 2], [3, 4]).value, 11);
  assertEquals(einsum("...ij", integers([2, 2, 3], 1)).value, integers([2, 2, 3], 1).toNested());
});

Deno.test("einsum() broadcasts the axes under an ellipsis", () => {
  const x = integers([2, 1, 2, 3], 1);
  const y = integers([4, 3, 2], 2);
  assertEquals(einsum("...ij,...jk->...ik", x, y).value, matmul(x, y).value);
  assertEquals(einsum("...ij,...jk", x, y).value, matmul(x, y).value);
  assertEquals(
    einsum("i...->...", [[1, 2], [3, 4]]).value,
    [4, 6],
  );
  assertEquals(einsum("...,...->...", 2, [1, 2]).value, [2, 4]);
  assertEquals(einsum("...i->i", [[1, 2], [3, 4]]).value, [4, 6]);
});

Deno.test("einsum() repeats axes of length 1, and sums of nothing are 0", () => {
  assertEquals(einsum("ij,ij->i", [[1], [2]], [[1, 2], [3, 4]]).value, [3, 14]);
  assertEquals(einsum("ij,jk->ik", integers([2, 0], 1), integers([0, 3], 1)).value, [[0, 0, 0], [0, 0, 0]]);
});

Deno.test("einsum() has the right derivatives of the first and second order", () => {
  const cases: [string, number[][]][] = [
    ["ij,jk,kl->li", [[2, 3], [3, 2], [2, 2]]],
    ["bhqd,bkhd->bhqk", [[2, 2, 3, 2], [2, 2, 2, 2]]],
    ["iij,j->i", [[2, 2, 3], [3]]],
    ["i,j,k->kji", [[2], [3], [2]]],
    ["...i,...i->...", [[2, 1, 3], [2, 3]]],
    ["ij->", [[2, 2]]],
  ];
  for (const [equation, shapes] of cases) {
    const points = shapes.map((shape, k) => {
      const array = integers(shape, k);
      return new NdArray(array.data.map((x) => x * 0.3 + 0.1), shape);
    });
    const f = (...x: Variable[]): Variable => einsum(equation, ...x).sin().sum();
    checkGradients(f, points);
    checkGradients(
      (x) => grad((y: Variable) => f(y, ...points.slice(1).map((p) => constant(p))))(x).sin().sum(),
      [
        points[0]!,
      ],
      { tolerance: 1e-5 },
    );
  }
});

Deno.test("einsum() of a long chain never forms the product over all letters", () => {
  const n = 120;
  const x = integers([n, n], 1);
  // All letters at once would be 120^5 products.
  const result = einsum("ab,bc,cd,de->ae", x, x, x, x);
  assertEquals(result.value, matmul(matmul(matmul(x, x), x), x).value);
});

Deno.test("einsum() keeps float32, which plain numbers follow", () => {
  const x = constant(new Float32Array([1, 2]));
  assertEquals(einsum("i,i->", x, [3, 4]).dtype, "float32");
  assertEquals(einsum("i,i->", x, new Float64Array([3, 4])).dtype, "float64");
});

Deno.test("einsum() refuses equations that can't be read and operands that don't fit", () => {
  const x = [[1, 2], [3, 4]];
  assertThrows(() => einsum("i1,j->i", x, x), SyntaxError, 'Cannot read the einsum equation "i1,j->i"');
  assertThrows(() => einsum("ij->ij->i", x), SyntaxError, "Cannot read");
  assertThrows(() => einsum("......->", x), SyntaxError, "at most one ...");
  assertThrows(() => einsum("ij->ii", x), SyntaxError, "the result names the axis i twice");
  assertThrows(() => einsum("ij->ik", x), SyntaxError, "the result names the axis k that no operand has");
  assertThrows(() => einsum("ij,jk->ik", x), TypeError, "it names 2 operands, 1 were given");
  assertThrows(() => einsum("ijk->k", x), TypeError, '"ijk" does not fit an operand of shape [2, 2]');
  assertThrows(() => einsum("i->i", x), TypeError, "does not fit");
  assertThrows(
    () => einsum("ij,jk->ik", x, [[1, 2], [3, 4], [5, 6]]),
    TypeError,
    "the axes named j have the lengths 2 and 3",
  );
  assertThrows(() => einsum("...i,...i", x, [[1, 2], [3, 4], [5, 6]]), TypeError, "the axes named ...");
  assertThrows(() => einsum(3 as unknown as string, x), TypeError, "the equation must be a text");
});
