import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as t from "../../../mod.ts";
import { grad, type Variable } from "../../../mod.ts";

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

Deno.test("rnnCell() is its formula", () => {
  const y = t.rnnCell([[1, 2]], [[3]], { kernel: [[0.1], [0.2]], recurrentKernel: [[-0.3]], bias: [0.5] });
  assertAlmostEquals(y.data[0]!, Math.tanh(0.1 + 0.4 - 0.9 + 0.5), 1e-15);
});

Deno.test("lstmCell() has the gates input, forget, candidate, output", () => {
  const kernel = [[0.1, -0.2, 0.3, 0.4]];
  const recurrentKernel = [[0.5, 0.6, -0.7, 0.8]];
  const bias = [0.01, 0.02, 0.03, 0.04];
  const gates = kernel[0]!.map((w, i) => 2 * w - 1.5 * recurrentKernel[0]![i]! + bias[i]!);
  const cell = sigmoid(gates[1]!) * 0.25 + sigmoid(gates[0]!) * Math.tanh(gates[2]!);
  const next = t.lstmCell([[2]], { hidden: [[-1.5]], cell: [[0.25]] }, { kernel, recurrentKernel, bias });
  assertAlmostEquals(next.cell.data[0]!, cell, 1e-15);
  assertAlmostEquals(next.hidden.data[0]!, sigmoid(gates[3]!) * Math.tanh(cell), 1e-15);
});

Deno.test("gruCell() has the gates update, reset, candidate", () => {
  const kernel = [[0.1, -0.2, 0.3]];
  const recurrentKernel = [[0.5, 0.6, -0.7]];
  const [bias, recurrentBias] = [[0.01, 0.02, 0.03], [0.04, 0.05, 0.06]];
  const a = kernel[0]!.map((w, i) => 2 * w + bias[i]!);
  const b = recurrentKernel[0]!.map((w, i) => -1.5 * w + recurrentBias[i]!);
  const z = sigmoid(a[0]! + b[0]!);
  const candidate = Math.tanh(a[2]! + sigmoid(a[1]! + b[1]!) * b[2]!);
  const next = t.gruCell([[2]], [[-1.5]], { kernel, recurrentKernel, bias, recurrentBias });
  assertAlmostEquals(next.data[0]!, z * -1.5 + (1 - z) * candidate, 1e-15);
});

Deno.test("an update gate that is open keeps the hidden state, exactly", () => {
  const parameters = { kernel: [[1000, 0, 0]], recurrentKernel: [[0, 0, 0]] };
  assertEquals(t.gruCell([[1]], [[0.7]], parameters).value, [[0.7]]);
});

Deno.test("cells work in a loop over time and take the dtype of the parameters", () => {
  const kernel = t.constant(new Float32Array([0.5, 0.25])).reshape([2, 1]);
  const unrolled = (w: Variable): Variable => {
    let hidden: t.Operand = [[0]];
    for (let i = 0; i < 3; i++) hidden = t.rnnCell([[1, i]], hidden, { kernel: w, recurrentKernel: [[0.5]] });
    return t.sum(hidden);
  };
  const slope = grad(unrolled)(kernel);
  assertEquals(slope.dtype, "float32");
  const h = 1e-3;
  const [a, b] = [h, -h].map((d) => unrolled(t.constant([[0.5 + d], [0.25]])).item()) as [number, number];
  assertAlmostEquals(slope.data[0]!, (a - b) / (2 * h), 1e-6);
});

Deno.test("cells refuse shapes that do not fit, and say them all", () => {
  const refuse = (f: () => unknown, message: string): void => {
    assertThrows(f, TypeError, message);
  };
  refuse(
    () => t.rnnCell([[1]], [[1, 2]], { kernel: [[1]], recurrentKernel: [[1]] }),
    "of shapes [1, 1], [1, 2], [1, 1], [1, 1] do not fit",
  );
  refuse(() => t.rnnCell([1], [[1]], { kernel: [[1]], recurrentKernel: [[1]] }), "do not fit");
  refuse(
    () => t.gruCell([[1]], [[1]], { kernel: [[1, 1, 1]], recurrentKernel: [[1, 1, 1]], bias: [1] }),
    "expected [batch, features], [batch, units], [features, 3 * units]",
  );
  refuse(
    () =>
      t.lstmCell([[1]], { hidden: [[1]], cell: [[1], [2]] }, {
        kernel: [[1, 1, 1, 1]],
        recurrentKernel: [[1, 1, 1, 1]],
      }),
    "hidden state and cell have shapes [1, 1] and [2, 1]",
  );
});
