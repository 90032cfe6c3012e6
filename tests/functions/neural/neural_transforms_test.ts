import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as t from "../../../mod.ts";
import { compile, valueAndGrad, type Variable, vmap } from "../../../mod.ts";

const mixed = (shape: readonly number[], seed: number): Variable =>
  t.constant(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(3 * i + seed)),
  )
    .reshape(shape);

/** Functions of one array (or two), and the shapes they are tried on. */
const FUNCTIONS: readonly [string, number[][], (x: Variable, y: Variable) => Variable][] = [
  ["conv2d", [[2, 5, 5, 2], [3, 3, 2, 3]], (x, w) => t.conv2d(x, w, { padding: "same", strides: 2 })],
  ["conv1d", [[2, 5, 2], [3, 2, 3]], (x, w) => t.conv1d(x, w)],
  ["conv2dTranspose", [[2, 3, 3, 2], [2, 2, 3, 2]], (x, w) => t.conv2dTranspose(x, w, { strides: 2 })],
  ["maxPool2d", [[2, 4, 4, 2]], (x) => t.maxPool2d(x, 2)],
  ["avgPool2d", [[2, 4, 4, 2]], (x) => t.avgPool2d(x, 3, { padding: "same" })],
  ["adaptiveAvgPool2d", [[1, 5, 4, 2]], (x) => t.adaptiveAvgPool2d(x, [2, 3])],
  ["resizeBilinear", [[1, 2, 3, 1]], (x) => t.resizeBilinear(x, [4, 4])],
  ["extractPatches", [[1, 3, 3, 2]], (x) => t.extractPatches(x, 2, { padding: 1 })],
  ["layerNorm", [[3, 4], [4]], (x, scale) => t.layerNorm(x, { scale })],
  ["rmsNorm", [[3, 4], [4]], (x, scale) => t.rmsNorm(x, { scale })],
  ["batchNormTraining", [[5, 2]], (x) => t.batchNormTraining(x).output],
  ["groupNorm", [[2, 3, 4]], (x) => t.groupNorm(x, 2)],
  ["softmax", [[2, 3]], (x) => x.softmax({ axis: 0 })],
  ["logSoftmax", [[2, 3]], (x) => x.logSoftmax()],
  ["attention", [[2, 3, 4], [2, 3, 4]], (q, v) => t.scaledDotProductAttention(q, q, v, { causal: true })],
  ["masked attention", [[3, 4], [3, 2]], (q, v) => t.scaledDotProductAttention(q, q, v, { mask: [1, 0, 1] })],
  [
    "rnnCell",
    [[2, 3], [2, 3]],
    (x, h) => t.rnnCell(x, h, { kernel: mixed([3, 3], 5), recurrentKernel: mixed([3, 3], 6) }),
  ],
  ["huber", [[3], [3]], (x, y) => t.huber(y, x, { delta: 0.5 })],
  ["cosineSimilarity", [[2, 3], [2, 3]], (x, y) => t.cosineSimilarity(x, y)],
  ["sparseCategoricalCrossEntropy", [[2, 3]], (z) => t.sparseCategoricalCrossEntropy([2, 0], z)],
  ["embedding", [[4, 2]], (table) => t.embedding([[0, 3], [3, 3]], table)],
];

function assertNear(actual: Variable, expected: Variable): void {
  assertEquals([...actual.shape], [...expected.shape]);
  actual.data.forEach((v, i) => assertAlmostEquals(v, expected.data[i]!, 1e-12));
}

for (const [name, shapes, f] of FUNCTIONS) {
  const inputs = shapes.map((shape, k) => mixed(shape, k + 1));

  Deno.test(`${name} compiled is ${name}, with its gradient`, () => {
    const loss = (...x: Variable[]): Variable => f(x[0]!, x[1]!).sin().sum();
    const both = valueAndGrad(loss, { argnums: inputs.map((_, i) => i) }) as unknown as (
      ...x: Variable[]
    ) => [Variable, Variable[]];
    const [value, slopes] = both(...inputs);
    const [compiledValue, compiledSlopes] = compile(both)(...inputs);
    assertNear(compiledValue, value);
    slopes.forEach((slope, i) => assertNear(compiledSlopes[i]!, slope));
  });

  Deno.test(`${name} over a batch is ${name} of each example, with its gradient`, () => {
    const batches = shapes.map((shape, k) => mixed([3, ...shape], k + 1));
    const loss = (...x: Variable[]): Variable => f(x[0]!, x[1]!).sin().sum();
    const run = valueAndGrad(loss) as unknown as (...x: Variable[]) => [Variable, Variable];
    const [values, slopes] = vmap(run)(...batches) as unknown as [Variable, Variable];
    for (let b = 0; b < 3; b++) {
      const [value, slope] = run(...batches.map((x, k) => x.slice(b, 1).reshape(shapes[k]!)));
      assertNear(values.slice(b, 1).reshape([]), value);
      assertNear(slopes.slice(b, 1).reshape(shapes[0]!), slope);
    }
  });
}

Deno.test("class numbers can be an argument of a compiled function, and are checked in every call", () => {
  const f = compile((z: Variable, y: Variable) => t.sparseCategoricalCrossEntropy(y, z));
  const z = t.constant([[0, 1], [2, 0]]);
  assertAlmostEquals(
    f(z, t.constant([1, 0])).item(),
    t.sparseCategoricalCrossEntropy([1, 0], z).item(),
    1e-15,
  );
  assertAlmostEquals(
    f(z, t.constant([0, 0])).item(),
    t.sparseCategoricalCrossEntropy([0, 0], z).item(),
    1e-15,
  );
  assertThrows(
    () => f(z, t.constant([0, 2])),
    RangeError,
    "Cannot apply sparseCategoricalCrossEntropy: found the class number 2, use integers from 0 to 1",
  );
});
