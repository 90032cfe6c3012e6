import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as t from "../../../mod.ts";
import { grad, type Variable } from "../../../mod.ts";

const mixed = (shape: readonly number[], seed = 1): Variable =>
  t.constant(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(5 * i + seed)),
  )
    .reshape(shape);

Deno.test("queries that match no key more than another get the mean of the values", () => {
  const y = t.scaledDotProductAttention([[0, 0]], [[1, 2], [3, 4]], [[10, 0], [20, 2]]);
  assertEquals(y.value, [[15, 1]]);
});

Deno.test("a causal query sees no later key, so later values have no derivative", () => {
  const q = mixed([2, 3, 4]);
  const value = mixed([2, 3, 2], 2);
  const first = (v: Variable): Variable =>
    t.scaledDotProductAttention(q, q, v, { causal: true }).slice([0, 0, 0], [2, 1, 2]);
  assertEquals(first(value).data, value.slice([0, 0, 0], [2, 1, 2]).data);
  const slope = grad((v: Variable) => first(v).sum())(value);
  assertEquals(slope.value, [[[1, 1], [0, 0], [0, 0]], [[1, 1], [0, 0], [0, 0]]]);
});

Deno.test("a mask of the causal triangle gives what causal gives, and both together their intersection", () => {
  const [q, k, v] = [mixed([2, 3, 4]), mixed([2, 3, 4], 2), mixed([2, 3, 5], 3)];
  const triangle = [[1, 0, 0], [1, 1, 0], [1, 1, 1]];
  const causal = t.scaledDotProductAttention(q, k, v, { causal: true });
  const masked = t.scaledDotProductAttention(q, k, v, { mask: triangle });
  const both = t.scaledDotProductAttention(q, k, v, { mask: [1, 1, 1], causal: true });
  causal.data.forEach((x, i) => {
    assertAlmostEquals(masked.data[i]!, x, 1e-15);
    assertAlmostEquals(both.data[i]!, x, 1e-15);
  });
});

Deno.test("a query that may see nothing gets zeros and zero derivatives", () => {
  const [q, k, v] = [mixed([2, 4]), mixed([3, 4], 2), mixed([3, 2], 3)];
  const mask = [[0, 0, 0], [1, 0, 1]];
  const attend = (a: Variable, b: Variable, c: Variable): Variable =>
    t.scaledDotProductAttention(a, b, c, { mask });
  assertEquals(attend(q, k, v).slice(0, 1).value, [[0, 0]]);
  const [dq] = grad((a: Variable, b: Variable, c: Variable) => attend(a, b, c).sum(), { argnums: [0, 1, 2] })(
    q,
    k,
    v,
  ) as unknown as Variable[];
  assertEquals(dq!.slice(0, 1).value, [[0, 0, 0, 0]]);
});

Deno.test("scores of any size give no NaN, in both dtypes", () => {
  for (const dtype of ["float64", "float32"] as const) {
    const q = t.constant([[300, -300]]).cast(dtype);
    const y = t.scaledDotProductAttention(q, [[300, 0], [-300, 0]], [[1], [2]], { mask: [1, 1] });
    assertEquals([y.dtype, y.value], [dtype, [[1]]]);
  }
});

Deno.test("the scale can be stated", () => {
  const y = t.scaledDotProductAttention([[1]], [[0], [1]], [[0], [1]], { scale: Math.log(3) });
  assertAlmostEquals(y.data[0]!, 0.75, 1e-15);
});

Deno.test("attention refuses shapes and masks that do not fit", () => {
  const [q, k, v] = [mixed([2, 4]), mixed([3, 4]), mixed([3, 2])];
  const refuse = (f: () => unknown, message: string): void => {
    assertThrows(f, TypeError, message);
  };
  refuse(() => t.scaledDotProductAttention(q, v, v), "shapes [2, 4] and [3, 2] and [3, 2] do not fit");
  refuse(() => t.scaledDotProductAttention(q, k, q), "shapes [2, 4] and [3, 4] and [2, 4] do not fit");
  refuse(() => t.scaledDotProductAttention([1], k, v), "do not fit");
  refuse(
    () => t.scaledDotProductAttention(q, k, v, { mask: mixed([2, 1, 1]) }),
    "a mask of shape [2, 1, 1] does not broadcast to the scores' shape [2, 3]",
  );
});

Deno.test("mapWeights changes the weights of the values, masked or not", () => {
  const [q, k, v] = [mixed([2, 4]), mixed([3, 4], 2), mixed([3, 2], 3)];
  const twice = { mapWeights: (w: Variable) => w.mul(2) };
  for (const options of [{}, { mask: [[1, 0, 1], [1, 1, 0]] }]) {
    const plain = t.scaledDotProductAttention(q, k, v, options);
    const doubled = t.scaledDotProductAttention(q, k, v, { ...options, ...twice });
    doubled.data.forEach((x, i) => assertAlmostEquals(x, 2 * plain.data[i]!, 1e-15));
  }
  assertThrows(
    () => t.scaledDotProductAttention(q, k, v, { mapWeights: 2 as never }),
    TypeError,
    "the option mapWeights is 2, use a function",
  );
});
