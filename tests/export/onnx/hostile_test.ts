/** Files that contradict themselves, or want to take all memory. */
import { assert, assertRejects, assertThrows } from "@std/assert";
import type * as Onnx from "npm:onnx-buf@1.20.0-1";
import { fromOnnx, toOnnx } from "../../../src/export/mod.ts";
import { loadSchema } from "../../../src/export/onnx/schema.ts";
import { constant, type Variable } from "../../../src/variable/mod.ts";

const { protobuf, onnx } = await loadSchema();

/** A file with one parameter `w`, one input `x` and one output `y`, changed before it is written. */
async function file(change: (model: Onnx.ModelProto, graph: Onnx.GraphProto) => void): Promise<Uint8Array> {
  const f = (w: Variable, x: Variable): Variable => x.mul(w);
  const bytes = await toOnnx(f, [constant([1, 2]), { shape: [2], dtype: "float64" }], {
    names: { inputs: ["w", "x"], outputs: ["y"] },
    initializers: [0],
  });
  const model = protobuf.fromBinary(onnx.ModelProtoSchema, bytes);
  change(model, model.graph!);
  return protobuf.toBinary(onnx.ModelProtoSchema, model);
}

const node = (opType: string, input: string[], output: string[]): Onnx.NodeProto =>
  protobuf.create(onnx.NodeProtoSchema, { opType, input, output });

type ErrorType = typeof SyntaxError | typeof TypeError | typeof RangeError;
type Change = Parameters<typeof file>[0];

const WRONG: Readonly<Record<string, readonly [Change, ErrorType, string]>> = {
  "without a graph": [(m) => m.graph = undefined, SyntaxError, "it holds no graph"],
  "without an opset": [(m) => m.opsetImport = [], SyntaxError, "does not state its opset"],
  "with a circle": [
    (_, g) => g.node = [node("Add", ["x", "b"], ["a"]), node("Neg", ["a"], ["b"]), node("Neg", ["b"], ["y"])],
    SyntaxError,
    'Add reads "b" before it is computed',
  ],
  "with a node that reads itself": [
    (_, g) => g.node = [node("Add", ["x", "y"], ["y"])],
    SyntaxError,
    'Add reads "y" before it is computed',
  ],
  "with a value that is not there": [
    (_, g) => g.node = [node("Add", ["x", "nothing"], ["y"])],
    SyntaxError,
    'Add reads "nothing", which is not there',
  ],
  "with an output that is not there": [(_, g) => g.output[0]!.name = "z", SyntaxError, 'an output reads "z"'],
  "with a value that is made twice": [
    (_, g) => g.node.push(node("Neg", ["x"], ["y"])),
    SyntaxError,
    'there are two values "y"',
  ],
  "with a parameter that stands twice": [
    (_, g) => g.initializer.push(g.initializer[0]!),
    SyntaxError,
    'there are two values "w"',
  ],
  "with too few bytes": [
    (_, g) => g.initializer[0]!.dims = [2n ** 40n],
    SyntaxError,
    "its shape [1099511627776] has 1099511627776 elements, the file has 2",
  ],
  "with a negative length": [
    (_, g) => g.initializer[0]!.dims = [-2n, -1n],
    SyntaxError,
    "its shape is [-2, -1]",
  ],
  "with lengths beyond all numbers": [
    (_, g) => g.initializer[0]!.dims = [2n ** 62n, 2n ** 62n],
    SyntaxError,
    "its shape is",
  ],
  "with texts": [(_, g) => g.initializer[0]!.dataType = 8, TypeError, "elements of type 8 are not supported"],
  "with weights elsewhere": [
    (_, g) => g.initializer[0]!.dataLocation = 1,
    TypeError,
    "its elements stand in another file",
  ],
  "with operators of somebody else": [
    (_, g) =>
      g.node.push(protobuf.create(onnx.NodeProtoSchema, { ...node("Gelu", ["x"], ["g"]), domain: "their" })),
    TypeError,
    "the operators their.Gelu are not supported",
  ],
  "with operators named like what objects have": [
    (_, g) => g.node.push(node("constructor", ["x"], ["c"]), node("__proto__", ["x"], ["p"])),
    TypeError,
    "the operators constructor, __proto__ are not supported",
  ],
};

for (const [what, [change, type, message]] of Object.entries(WRONG)) {
  Deno.test(`fromOnnx() refuses a file ${what}`, async () => {
    const bytes = await file(change);
    await assertRejects(() => fromOnnx(bytes), type, message);
  });
}

Deno.test("a file that states an absurd shape is refused before an array is made", async () => {
  const bytes = await file((_, g) => {
    const dims = protobuf.create(onnx.TensorProtoSchema, { name: "dims", dataType: 7, dims: [3n] });
    dims.int64Data = [2n ** 20n, 2n ** 20n, 2n];
    g.initializer.push(dims);
    g.node = [node("Expand", ["w", "dims"], ["y"])];
  });
  const { parameters, apply } = await fromOnnx(bytes);
  assertThrows(() => apply(parameters, [1, 2]), RangeError, "is too large");
});

Deno.test("names of objects are names like any other", async () => {
  const bytes = await file((_, g) => {
    g.initializer[0]!.name = "__proto__";
    g.node = [node("Mul", ["x", "__proto__"], ["y"])];
  });
  const { parameters, apply } = await fromOnnx(bytes);
  const { y } = apply(parameters, [1, 1]);
  assert(y!.data.join() === "1,2");
});

Deno.test("bytes that are cut or changed give an error or a model", async () => {
  const whole = await file(() => {});
  let seed = 7;
  const random = (n: number): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) % n;
  for (let i = 0; i < 400; i++) {
    const bytes = whole.slice(0, i % 3 === 0 ? random(whole.length) : whole.length);
    if (i % 3 > 0) { for (let k = 0; k <= i % 4; k++) bytes[random(bytes.length)] = random(256); }
    try {
      const { parameters, apply } = await fromOnnx(bytes);
      apply(parameters, { x: [1, 2] });
    } catch (error) {
      const isRefusal = [SyntaxError, TypeError, RangeError].some((type) => error instanceof type);
      assert(isRefusal && (error as Error).message.startsWith("Cannot "), String((error as Error).stack));
    }
  }
});
