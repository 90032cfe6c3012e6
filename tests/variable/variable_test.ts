import { assert, assertEquals, assertThrows } from "@std/assert";
import * as t from "../../mod.ts";
import { constant, noGrad, tape, type Variable, variable } from "../../mod.ts";

Deno.test("numbers and nested arrays are float64, Float32Array is float32", () => {
  assertEquals([variable(1).dtype, variable([[1]]).dtype, variable(new Float32Array(2)).dtype], [
    "float64",
    "float64",
    "float32",
  ]);
  assertEquals(variable(0.1, { dtype: "float32" }).item(), Math.fround(0.1));
  assertEquals(constant(new Uint8Array([1])).dtype, "float32");
});

Deno.test("plain numbers take the dtype of the other operand, Variables promote", () => {
  const x = constant(new Float32Array([1, 2]));
  assertEquals([x.mul(2).dtype, x.add([1, 2]).dtype, x.mul(constant(2)).dtype], [
    "float32",
    "float32",
    "float64",
  ]);
  assertEquals(constant(1, { dtype: "float32" }).add(0.1).item(), Math.fround(1 + Math.fround(0.1)));
});

Deno.test("values are read as a number, nested arrays, a typed array, and parts", () => {
  const x = constant([[1, 2], [3, 4]], { name: "x" });
  assertEquals([x.value, [...x.data], x.shape, x.rank, x.size, x.name], [
    [[1, 2], [3, 4]],
    [1, 2, 3, 4],
    [2, 2],
    2,
    4,
    "x",
  ]);
  const [first] = x;
  assertEquals(first!.value, [1, 2]);
  assertEquals(`${constant(2)}`, "Variable(2, shape [], float64)");
  assertEquals(constant([5]).item(), 5);
  x.data[0] = 99;
  assertEquals(x.value, [[1, 2], [3, 4]]);
});

Deno.test("a typed array that goes in is copied", () => {
  const data = new Float64Array([1, 2]);
  const x = variable(data);
  data[0] = 99;
  assertEquals(x.value, [1, 2]);
});

Deno.test("methods and free functions give the same", () => {
  const x = constant([0.3, 0.6]);
  const names = [
    "neg",
    "exp",
    "log",
    "log1p",
    "expm1",
    "sqrt",
    "square",
    "abs",
    "sign",
    "sin",
    "cos",
    "tan",
    "tanh",
  ];
  for (
    const name of [
      ...names,
      "sigmoid",
      "relu",
      "softplus",
      "logSigmoid",
      "sum",
      "mean",
      "max",
      "min",
      "softmax",
    ]
  ) {
    const f = t[name as "exp"];
    assertEquals(f(x).value, x[name as "exp"]().value, name);
  }
  for (
    const name of [
      "add",
      "sub",
      "mul",
      "div",
      "pow",
      "maximum",
      "minimum",
      "eq",
      "ne",
      "lt",
      "le",
      "gt",
      "ge",
    ]
  ) {
    assertEquals(t[name as "add"](x, [0.3, 1]).value, x[name as "add"]([0.3, 1]).value, name);
  }
});

Deno.test("shapes move as they should", () => {
  const x = constant([[1, 2, 3], [4, 5, 6]]);
  assertEquals(x.transpose().value, [[1, 4], [2, 5], [3, 6]]);
  assertEquals(x.reshape([3, -1]).shape, [3, 2]);
  assertEquals(x.slice([0, 1], [2, 2]).value, [[2, 3], [5, 6]]);
  assertEquals(x.slice(-1).value, [[4, 5, 6]]);
  assertEquals(x.gather([2, 0], { axis: 1 }).value, [[3, 1], [6, 4]]);
  assertEquals(t.concat([x, [[7, 8, 9]]], { axis: 0 }).shape, [3, 3]);
  assertEquals(x.matmul([1, 0, 1]).value, [4, 10]);
  assertEquals(constant([1, 1]).matmul(x).value, [5, 7, 9]);
  assertEquals(constant([1, 2]).matmul([3, 4]).value, 11);
  assertEquals(x.broadcastTo([2, 2, 3]).sum().item(), 42);
  assertEquals(constant([[1, 2], [3, 4]]).mean({ axis: 0, keepDims: true }).value, [[2, 3]]);
});

const MISTAKES: [
  name: string,
  f: () => unknown,
  error: typeof TypeError | typeof RangeError,
  message: string,
][] = [
  ["shapes", () => constant([1, 2]).add([1, 2, 3]), TypeError, "operands of add: shapes [2] and [3]"],
  [
    "matmul",
    () => constant([[1, 2]]).matmul([[1, 2]]),
    TypeError,
    "inner dimensions differ, [1, 2] and [1, 2]",
  ],
  ["matmul of numbers", () => constant(1).matmul(2), TypeError, "use mul() for numbers"],
  ["ragged", () => variable([[1, 2], [3]]), TypeError, "rows have different lengths"],
  ["text", () => variable("1" as never), TypeError, 'Cannot read "1" as an array'],
  ["nothing", () => variable(undefined as never), TypeError, "Cannot read undefined"],
  ["text inside", () => variable([1, "2"] as never), TypeError, 'found "2" where a number is expected'],
  ["dtype", () => variable(1, { dtype: "int8" as never }), TypeError, 'Unknown dtype: "int8"'],
  ["axis", () => constant([1]).sum({ axis: 1 }), RangeError, "sum along axis 1"],
  ["axis twice", () => constant([[1]]).sum({ axis: [0, -2] }), RangeError, "axis 0 is named twice"],
  ["empty max", () => constant(new Float64Array(0)).max(), TypeError, "max of no elements"],
  ["reshape", () => constant([1, 2, 3]).reshape([2, 2]), TypeError, "[3] has 3 elements, [2, 2] has 4"],
  [
    "reshape wild",
    () => constant([1, 2, 3]).reshape([2, -1]),
    RangeError,
    "no length in place of -1 gives 3 elements",
  ],
  ["transpose", () => constant([[1]]).transpose([0, 0]), RangeError, "name each axis once"],
  ["broadcastTo", () => constant([1, 2]).broadcastTo([3]), TypeError, "Cannot broadcast [2] to [3]"],
  ["slice", () => constant([1, 2]).slice(1, 2), RangeError, "does not lie inside shape [2]"],
  ["gather", () => constant([1, 2]).gather([2]), RangeError, "found the index 2"],
  ["gather fraction", () => constant([1, 2]).gather([0.5]), RangeError, "found the index 0.5"],
  ["concat nothing", () => t.concat([]), TypeError, "the list is an array of 0, use an array of at least 1"],
  ["concat shapes", () => t.concat([[[1]], [[1, 2]]]), TypeError, "differ on another axis"],
  ["item", () => constant([1, 2]).item(), TypeError, "shape [2] as one number"],
  ["labels", () => constant([1, 2]).sigmoidCrossEntropy([1]), TypeError, "shapes [2] and [1] differ"],
  ["operators", () => +(constant(1) as unknown as number), TypeError, "write x.sub(y)"],
  ["iteration", () => [...constant(1)], TypeError, "Cannot iterate over a number"],
];
for (const [name, f, error, message] of MISTAKES) {
  Deno.test(`a mistake with ${name} gets a clear error`, () => {
    assertThrows(f, error, message);
  });
}

Deno.test("logits of 1000 give finite losses and gradients", () => {
  const loss = (z: Variable): Variable => z.sigmoidCrossEntropy([1, 0, 0, 1]);
  const [value, slope] = t.valueAndGrad(loss)([1000, -1000, 1000, -1000]);
  assertEquals([value, slope], [500, [0, 0, 0.25, -0.25]]);
  const wide = (z: Variable): Variable => z.softmaxCrossEntropy([[0, 1]]);
  assertEquals(t.valueAndGrad(wide)([[1000, -1000]]), [2000, [[1, -1]]]);
});

Deno.test("noGrad() refuses an async function", async () => {
  const w = variable(2);
  assertThrows(
    () =>
      void noGrad(async () => {
        await Promise.resolve();
        return w.mul(2);
      }),
    TypeError,
    "Cannot use noGrad() around an async function",
  );
  await Promise.resolve();
  assertEquals(w.mul(3).value, 6);
  tape.clear();
});

Deno.test("a training loop written by hand leaves no rows on the tape when its updates are under noGrad()", () => {
  tape.clear();
  const w = variable([0.5, 1]);
  const losses: number[] = [];
  for (let i = 0; i < 50; i++) {
    const loss = w.mul([3, 4]).sum().sigmoid().log().neg();
    losses.push(loss.item());
    loss.backward();
    noGrad(() => w.assign(w.sub(w.grad!.mul(0.1))));
    w.zeroGrad();
    assertEquals(tape.length, 0);
  }
  assert(losses.at(-1)! < losses[0]!);
});

Deno.test("JavaScript's operators, functions of numbers and a set value are refused, with what to write instead", () => {
  const x = variable(2) as unknown as number & { value: number };
  assertThrows(() => x + 1, TypeError, "with + or ==: write x.add(y)");
  assertThrows(() => x * 2, TypeError, "x.mul(y)");
  assertThrows(() => x > 0, TypeError, "x.lt(y)");
  assertThrows(() => Math.sin(x), TypeError, "x.sin()");
  assertThrows(() => x.value = 3, TypeError, "another by x.assign(y)");
  assertEquals(`${variable(2)}`, "Variable(2, shape [], float64)");
});
