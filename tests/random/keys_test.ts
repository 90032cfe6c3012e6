import { assertEquals, assertThrows } from "@std/assert";
import * as random from "../../src/random/mod.ts";
import { constant, type Variable } from "../../src/variable/mod.ts";

const { foldIn, key, split } = random;

Deno.test("a key is a Variable of two words", () => {
  assertEquals(key(2 ** 32 + 7).data, Float64Array.of(1, 7));
  assertEquals([key(0).shape, key(0).dtype], [[2], "float64"]);
  assertEquals(split(key(0), 3).map((k) => k.shape), [[2], [2], [2]]);
  assertEquals(random.uniform(constant([1, 7]), [3]).data, random.uniform(key(2 ** 32 + 7), [3]).data);
});

Deno.test("float32 takes 24 bits of each word, float64 53 bits of two", () => {
  const words = random.uniform(key(9), [6], { dtype: "float32" }).data;
  const wide = random.uniform(key(9), [3]).data;
  wide.forEach((value, i) => assertEquals(Math.floor(value * 2 ** 24) / 2 ** 24, words[2 * i]));
});

/** What is no key. */
const BAD_KEYS: readonly [
  what: string,
  value: unknown,
  error: typeof TypeError | typeof RangeError,
  message: string,
][] = [
  ["a seed", 7, TypeError, "the key is 7, make one with key(seed)"],
  ["nothing", undefined, TypeError, "the key is undefined"],
  ["null", null, TypeError, "the key is null"],
  ["a list", [0, 7], TypeError, "the key is an array of 2"],
  ["an object", { words: [0, 7] }, TypeError, "the key is an object of class Object"],
  ["three words", constant([1, 2, 3]), TypeError, "the key has shape [3] in float64"],
  ["several keys", constant([[1, 2], [3, 4]]), TypeError, "the key has shape [2, 2]"],
  ["a number as a Variable", constant(7), TypeError, "the key has shape []"],
  ["float32 words", constant([1, 2], { dtype: "float32" }), TypeError, "in float32"],
  ["a broken word", constant([0.5, 1]), RangeError, "the key holds 0.5"],
  ["a negative word", constant([-1, 1]), RangeError, "the key holds -1"],
  ["a large word", constant([0, 2 ** 32]), RangeError, "the key holds 4294967296"],
  ["NaN", constant([NaN, 0]), RangeError, "the key holds NaN"],
];
const USES: { readonly [name: string]: (k: Variable) => unknown } = {
  split: (k) => split(k),
  foldIn: (k) => foldIn(k, 1),
  uniform: (k) => random.uniform(k, [2]),
  normal: (k) => random.normal(k, [2]),
  truncatedNormal: (k) => random.truncatedNormal(k, [2]),
  bernoulli: (k) => random.bernoulli(k, [2]),
  randint: (k) => random.randint(k, [2], { high: 2 }),
  permutation: (k) => random.permutation(k, 2),
  dropout: (k) => random.dropout(k, [1, 2], 0.5),
};
for (const [what, value, error, message] of BAD_KEYS) {
  Deno.test(`${what} is no key, whatever it is used for`, () => {
    for (const [name, use] of Object.entries(USES)) {
      assertEquals(assertThrows(() => use(value as Variable), error, message).message.includes(name), true);
    }
  });
}

const k = key(0);
const REFUSED: readonly [run: () => unknown, error: typeof TypeError | typeof RangeError, message: string][] =
  [
    [() => split(k, 1.5), RangeError, "the count is 1.5"],
    [() => split(k, "2" as never), TypeError, 'the count is "2"'],
    [() => key("7" as never), TypeError, 'the seed "7"'],
    [() => foldIn(k, -1), RangeError, "foldIn: the number is -1"],
    [() => foldIn(k, null as never), TypeError, "the number is null"],
    [() => foldIn(k, constant([1, 2])), TypeError, "Cannot fold shape [2] into a key"],
    [() => foldIn(k, constant(0.5)), RangeError, "the number is 0.5"],
    [() => random.uniform(k, [2], { min: 0 } as object), TypeError, 'no option "min"'],
    [() => random.uniform(k, undefined as never), TypeError, "the shape is undefined"],
    [() => random.uniform(k, [2, "3"] as never), TypeError, 'the shape has the length "3"'],
    [() => random.uniform(k, [2 ** 40]), RangeError, "Cannot apply uniform"],
    [() => random.uniform(k, [2], { low: "0" as never }), RangeError, "from 0 to 1"],
    [() => random.normal(k, [2], { std: 1 } as object), TypeError, 'no option "std"'],
    [() => random.normal(k, [2], { mean: null as never }), TypeError, "the mean is null"],
    [() => random.bernoulli(k, [2], { probability: "1" as never }), TypeError, 'the probability is "1"'],
    [() => random.bernoulli(k, [2], { p: 0.5 } as object), TypeError, 'no option "p"'],
    [() => random.bernoulli(k, [2], { probability: constant([0.1, 0.2, 0.3]) }), TypeError, "[3]"],
    [() => random.randint(k, [2], {} as never), TypeError, "the option high is undefined"],
    [() => random.permutation(k, "3" as never), TypeError, 'the number of integers is "3"'],
    [() => random.dropout(k, [1], 1), RangeError, "the rate is 1"],
    [() => random.dropout(k, [1], NaN), RangeError, "the rate is NaN"],
    [() => random.shuffle(k, 3), TypeError, "a single number has no rows"],
  ];
for (const [run, error, message] of REFUSED) {
  Deno.test(`random arguments are refused: ${message}`, () => {
    assertThrows(run, error, message);
  });
}

Deno.test("bernoulli() takes a probability for each element", () => {
  const mask = random.bernoulli(k, [1000, 3], { probability: constant([0, 0.5, 1]) });
  const [none, half, all] = mask.sum({ axis: 0 }).data;
  assertEquals([none, all], [0, 1000]);
  assertEquals(Math.abs(half! - 500) < 80, true);
});

Deno.test("a draw without a key says that it is missing, not that the shape is", () => {
  const normal = random.normal as (...given: unknown[]) => Variable;
  assertThrows(() => normal([2, 2]), TypeError, "make one with key(seed)");
});
