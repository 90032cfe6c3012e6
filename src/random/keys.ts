import { apply } from "../variable/apply.ts";
import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";
import { readInteger } from "../_internal/readers/mod.ts";
import { seedWords } from "../_internal/threefry.ts";
import { NdArray } from "../array/nd_array.ts";
import { stack } from "../functions/mod.ts";
import { operation as op } from "../primitives/mod.ts";
import { tape } from "../tape/mod.ts";
import { constant, Variable } from "../variable/mod.ts";

/**
 * A source of randomness: two 32-bit words, as a Variable of shape `[2]` in float64. The same key always gives the
 * same numbers; for other numbers, {@linkcode split} it or {@linkcode foldIn} a number.
 *
 * A key is data like any other: passed to a compiled function, it gives other numbers with another key. A key that
 * is made inside of a compiled function is a constant there, and gives the same numbers in every call.
 */
export type Key = Variable;

/** Second words of counters that draws never use: they have 0 there. */
const SPLIT = 0xffffffff;
const FOLD = 0xfffffffe;

/**
 * Makes a key from a seed.
 *
 * @param seed An integer from 0 to 2^53 - 1
 * @returns Shape `[2]`, float64
 * @throws {TypeError} If it is no number
 * @throws {RangeError} If it is another number
 *
 * @example
 * ```ts
 * import { key, uniform } from "@tapegrad/tapegrad/random";
 *
 * console.log(uniform(key(1), [2]).value); // the same two numbers every time
 * ```
 */
export function key(seed: number): Key {
  return constant(seedWords(seed));
}

/**
 * Makes several independent keys from one, which should then not be used any more. `stack(split(key, n))` is a
 * batch of keys for `vmap` and `scan`.
 *
 * @param parent The key to split
 * @param count How many, 2 by default
 * @throws {TypeError} If the key is none
 * @throws {RangeError} If the count is not an integer from 1 up
 *
 * @example
 * ```ts
 * import { key, normal, split } from "@tapegrad/tapegrad/random";
 *
 * const [a, b] = split(key(0));
 * console.log(normal(a!, []).item() === normal(b!, []).item()); // false
 * ```
 */
export function split(parent: Key, count = 2): Key[] {
  const source = readKey("split", parent);
  readInteger("split", "the count", count, 1, 2 ** 31 - 1);
  const counters = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) counters.set([i, SPLIT], 2 * i);
  return [...apply(op.threefry, [source, new NdArray(counters, [count, 2])], undefined)];
}

/**
 * Makes a key from a key and a number, such as a step count.
 *
 * @param parent The key
 * @param number An integer from 0 to 2^53 - 1, or a Variable of rank 0 that holds one
 * @throws {TypeError} If the key is none, or the number is anything else
 * @throws {RangeError} If the number is out of range
 *
 * @example
 * ```ts
 * import { compile, type Variable } from "@tapegrad/tapegrad";
 * import { foldIn, key, uniform } from "@tapegrad/tapegrad/random";
 *
 * const draw = compile((seed: Variable, step: Variable) => uniform(foldIn(seed, step), [3]));
 * console.log(draw(key(0), 7 as never).shape); // [3]
 * ```
 */
export function foldIn(parent: Key, number: number | Variable): Key {
  const source = readKey("foldIn", parent);
  if (!(number instanceof Variable)) {
    const [high, low] = readNumberToFold(number);
    return apply(op.threefry, [source, [low, FOLD - high]], undefined);
  }
  if (number.rank !== 0) {
    throw new TypeError(
      message`Cannot fold shape ${number.shape} into a key: use a number, or a Variable of rank 0`,
    );
  }
  if (isAtHand(number)) readNumberToFold(number.item());
  const wide = number.cast("float64");
  const high = wide.div(0x100000000).floor();
  const low = wide.sub(high.mul(0x100000000));
  return apply(op.threefry, [source, stack([low, high.neg().add(FOLD)])], undefined);
}

function readNumberToFold(number: number): [high: number, low: number] {
  return seedWords(readInteger("foldIn", "the number", number, 0, Number.MAX_SAFE_INTEGER));
}

/**
 * Reads a key.
 *
 * @throws {TypeError} If it is no Variable of shape `[2]` in float64
 * @throws {RangeError} If its values are at hand and are no 32-bit words
 */
export function readKey(operation: string, value: unknown): Key {
  if (!(value instanceof Variable)) {
    throw new TypeError(
      message`Cannot apply ${operation}: the key is ${describeValue(value)}, make one with key(seed)`,
    );
  }
  if (value.rank !== 1 || value.size !== 2 || value.dtype !== "float64") {
    throw new TypeError(
      message`Cannot apply ${operation}: the key has shape ${value.shape} in ${value.dtype}, a key has shape [2] in
      float64; make one with key(seed), or pass one of several`,
    );
  }
  if (isAtHand(value)) {
    const { data } = value.toArray();
    for (const word of data) {
      if (Number.isInteger(word) && word >= 0 && word <= 0xffffffff) continue;
      throw new RangeError(
        message`Cannot apply ${operation}: the key holds ${word}, its words are integers from 0 to 2^32 - 1; make one
        with key(seed)`,
      );
    }
  }
  return value;
}

/** Whether a value is the same in every run of what may be recorded. */
function isAtHand(x: Variable): boolean {
  return x.row < 0 || tape.guard === null;
}
