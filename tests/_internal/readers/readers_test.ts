import { assertEquals, assertThrows } from "@std/assert";
import {
  nearestName,
  readAxes,
  readAxis,
  readChoice,
  readFunction,
  readInteger,
  readIntegers,
  readList,
  readNumber,
  readOptions,
  readShape,
  readText,
} from "../../../src/_internal/readers/mod.ts";

interface Options {
  readonly learningRate?: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly decay?: number;
}

const read = (options?: Options): unknown =>
  readOptions("sgd", options, { learningRate: 0.01, momentum: 0, nesterov: false, decay: undefined });

Deno.test("readOptions() fills in defaults for what is left out or undefined", () => {
  assertEquals(read(), { learningRate: 0.01, momentum: 0, nesterov: false, decay: undefined });
  assertEquals(read({ momentum: 0.9, learningRate: undefined }), {
    learningRate: 0.01,
    momentum: 0.9,
    nesterov: false,
    decay: undefined,
  });
  assertEquals(read(Object.assign(Object.create(null), { decay: 2 })), {
    learningRate: 0.01,
    momentum: 0,
    nesterov: false,
    decay: 2,
  });
});

const REFUSED: readonly (readonly [unknown, string])[] = [
  [
    { lr: 1 },
    'Cannot read the options of sgd: there is no option "lr" (did you mean learningRate?), use ' +
    "learningRate, momentum, nesterov, decay",
  ],
  [{ weightDecay: 1 }, 'there is no option "weightDecay", use learningRate'],
  [{ Momentum: 1 }, "did you mean momentum?"],
  [{ nestrov: true }, "did you mean nesterov?"],
  [{ nesterov: 1 }, "Cannot apply sgd: the option nesterov is 1, use true or false"],
  [null, "found null, pass an object such as { learningRate, momentum, nesterov }"],
  ["abc", 'found "abc"'],
  [0.1, "found 0.1"],
  [[], "found an array of 0"],
  [new Map(), "found an object of class Map"],
  [() => {}, "found a function"],
];
for (const [options, text] of REFUSED) {
  Deno.test(`readOptions() refuses ${JSON.stringify(options) ?? String(options)}: ${text}`, () => {
    assertThrows(() => read(options as Options), TypeError, text);
  });
}

Deno.test("nearestName() knows case, initials, prefixes and slips, and gives up on the rest", () => {
  const names = ["learningRate", "batchSize", "epochs", "keepDims"];
  assertEquals(
    ["lr", "epoch", "keepdims", "keep_dims", "batch", "lerningRate", "qqq"].map((n) => nearestName(n, names)),
    [
      "learningRate",
      "epochs",
      "keepDims",
      "keepDims",
      "batchSize",
      "learningRate",
      undefined,
    ],
  );
  assertEquals(nearestName("dim", ["axis"]), "axis");
});

type Case = readonly [call: () => unknown, kind: typeof TypeError | typeof RangeError, text: string];
const BAD: readonly Case[] = [
  [() => readAxis("sum", null, 2), TypeError, "Cannot apply sum along axis null: an axis is an integer"],
  [
    () => readAxis("sum", 2, 2),
    RangeError,
    "Cannot apply sum along axis 2: the array has 2 axes, use -2 to 1",
  ],
  [() => readAxis("sum", 0.5, 2), RangeError, "along axis 0.5"],
  [() => readAxes("sum", "abc", 2), TypeError, 'along axis "abc"'],
  [() => readAxes("sum", [0, -2], 2), RangeError, "axis 0 is named twice"],
  [() => readInteger("tile", "the count", NaN, 0), RangeError, "the count is NaN, use an integer from 0 up"],
  [() => readInteger("tile", "the count", 2 ** 53), RangeError, "use an integer"],
  [
    () => readInteger("tile", "the count", "3", 0, 5),
    TypeError,
    'the count is "3", use an integer from 0 to 5',
  ],
  [
    () => readIntegers("tile", "repeats", [1, 2.5], 0),
    RangeError,
    "repeats is [1, 2.5], use integers from 0 up",
  ],
  [() => readIntegers("tile", "repeats", null), TypeError, "use an integer or a list of integers"],
  [() => readNumber("elu", "alpha", null), TypeError, "Cannot apply elu: alpha is null, use a number"],
  [() => readNumber("elu", "alpha", NaN), RangeError, "alpha is NaN"],
  [() => readNumber("drop", "the rate", 1, { min: 0, below: 1 }), RangeError, "use a number from 0 below 1"],
  [
    () => readNumber("norm", "epsilon", 0, { above: 0, below: Infinity }),
    RangeError,
    "above 0 that is finite",
  ],
  [() => readShape("zeros", [2, -1]), RangeError, "shape [2, -1] has the length -1"],
  [() => readShape("zeros", null), TypeError, "the shape is null, pass a list of lengths such as [2, 3]"],
  [() => readShape("zeros", ["2"]), TypeError, 'the shape has the length "2"'],
  [() => readShape("zeros", [2 ** 27, 2 ** 27]), RangeError, "would take 128 PiB"],
  [() => readChoice("pad", "the mode", "Edge", ["edge", "reflect"]), RangeError, 'use "edge" or "reflect"'],
  [() => readChoice("pad", "the mode", 1, ["edge"]), TypeError, 'the mode is 1, use "edge"'],
  [() => readText("einsum", "the equation", 1n), TypeError, "is the bigint 1n, use a text"],
  [() => readFunction("grad", "f", 3), TypeError, "Cannot apply grad: f is 3, use a function"],
  [() => readList("stack", "the list", [], 1), TypeError, "is an array of 0, use an array of at least 1"],
];
for (const [call, kind, text] of BAD) {
  Deno.test(`the reader says: ${text}`, () => void assertThrows(call, kind, text));
}

Deno.test("readers give the value in its one form", () => {
  assertEquals(readAxis("sum", -1, 3), 2);
  assertEquals(readAxes("sum", [-1, 0], 3), [0, 2]);
  assertEquals(readAxes("sum", undefined, 2), [0, 1]);
  assertEquals(readShape("zeros", 3), [3]);
  assertEquals(readShape("zeros", []), []);
  assertEquals(readIntegers("tile", "repeats", 2), [2]);
  assertEquals(readIntegers("tile", "repeats", new Int32Array([2, 3])), [2, 3]);
});

Deno.test("readShape() gives a frozen copy, so that a later change of the list changes nothing", () => {
  const given = [2, 3];
  const shape = readShape("zeros", given);
  given[0] = 5;
  assertEquals(shape, [2, 3]);
  assertEquals(Object.isFrozen(shape), true);
});
