import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { constant, grad, scan, type Variable, vmap, zeros } from "../../../mod.ts";
import {
  applyLayer,
  batchNormalization,
  type Context,
  defineLayer,
  dense,
  initialize,
  lambda,
  type LayerFactory,
  sequential,
} from "../../../src/nn/mod.ts";
import { key, uniform } from "../../../src/random/mod.ts";

const block: LayerFactory<{ units: number }> = defineLayer(
  "test/block",
  ({ units }: { units: number }) => (x: Variable, c: Context) =>
    c.call(dense({ units: x.shape.at(-1)! }), c.call(dense({ units, activation: "tanh" }), x))
      .mul(c.parameter("gain", [], 2)),
);

Deno.test("a layer within a layer is named by its kind and the order of calls", () => {
  const { parameters } = initialize(block({ units: 4 }), key(0), zeros([1, 3]));
  assertEquals(Object.entries(parameters).map(([path, p]) => [path, p.shape]), [
    ["dense/kernel", [3, 4]],
    ["dense/bias", [4]],
    ["dense_1/kernel", [4, 3]],
    ["dense_1/bias", [3]],
    ["gain", []],
  ]);
  const model = sequential([block({ units: 4 }), block({ units: 2, name: "second" })]).build([3]);
  assertEquals(Object.keys(model.getWeights()).filter((path) => path.endsWith("gain")), [
    "test_block/gain",
    "second/gain",
  ]);
});

Deno.test("start values follow from the path alone: other layers change no bit of them", () => {
  const kernelOf = (model: ReturnType<typeof sequential>) => model.build([3]).parameters["last/kernel"]!.data;
  const last = () => dense({ units: 2, name: "last" });
  const alone = kernelOf(sequential([last()]));
  assertEquals(kernelOf(sequential([dense({ units: 3 }), last()])), alone);
  assertNotEquals(kernelOf(sequential([last()], { seed: 1 })), alone);
});

Deno.test("the same layer called twice has the same parameters", () => {
  const shared = dense({ units: 3 });
  const twice = lambda((x: Variable, c) => c.call(shared, c.call(shared, x)));
  const x = constant([[1, 2, 3]]);
  const { parameters } = initialize(twice, key(0), x);
  assertEquals(Object.keys(parameters), ["dense/kernel", "dense/bias"]);
  const { output } = applyLayer(twice, { parameters, state: {} }, x);
  const kernel = parameters["dense/kernel"]!;
  output.data.forEach((v, i) => assertAlmostEquals(v, x.matmul(kernel).matmul(kernel).data[i]!, 1e-12));
});

Deno.test("state is as it was before the call, and update() says what it is after", () => {
  const counter = lambda((x: Variable, c) => {
    const count = c.state("count", []);
    c.update("count", count.add(1));
    return x.add(count);
  });
  const start = initialize(counter, key(0), zeros([1, 1]));
  assertEquals(start.state["count"]!.value, 0);
  const first = applyLayer(counter, start, constant([[10]]));
  const second = applyLayer(counter, { ...start, state: first.state }, constant([[10]]));
  assertEquals([first.output.value, second.output.value], [[[10]], [[11]]]);
  assertEquals(second.state["count"]!.value, 2);
  const twice = lambda((x: Variable, c) => c.call(counter, c.call(counter, x)));
  const made = initialize(twice, key(0), zeros([1, 1]));
  assertEquals(applyLayer(twice, made, constant([[0]])).output.value, [[1]]);
});

Deno.test("each request for a key gives another one, the same in each run", () => {
  const noise = lambda((x: Variable, c) => x.add(uniform(c.key(), [2])).add(uniform(c.key(), [2]).mul(10)));
  const draw = (seed: number) =>
    applyLayer(noise, { parameters: {}, state: {} }, constant([[0, 0]]), { training: true, key: key(seed) })
      .output
      .data;
  assertEquals(draw(0), draw(0));
  assertNotEquals(draw(0), draw(1));
  const digits = [...draw(0)].map((v) => v - Math.floor(v / 10) * 10);
  assert(Math.abs(digits[0]! - digits[1]!) > 1e-9);
});

Deno.test("losses that layers add are handed out, regularizers of frozen layers are not", () => {
  const layer = dense({ units: 1, useBias: false, kernelInitializer: "ones", kernelRegularizer: "l2" });
  const made = initialize(layer, key(0), zeros([1, 2]));
  const penalty = applyLayer(layer, made, constant([[1, 1]])).losses;
  assertEquals(penalty.map((loss) => loss.value), [0.02]);
  layer.trainable = false;
  assertEquals(applyLayer(layer, made, constant([[1, 1]])).losses, []);
});

const INSIDE: readonly [string, (c: Context, run: (f: (x: Variable) => Variable) => unknown) => unknown][] = [
  ["update", (c, run) => run((x) => (c.update("count", x.sum()), x))],
  ["ask for a key", (c, run) => run((x) => x.add(c.key().sum()))],
  ["add a loss", (c, run) => run((x) => (c.addLoss(x.sum()), x))],
];
const LOOPS: { readonly [name: string]: (x: Variable) => (f: (x: Variable) => Variable) => unknown } = {
  scan: (x) => (f) =>
    scan((s: Variable, row: Variable) => [s.add(f(row).sum()), []] as const, constant(0), x),
  vmap: (x) => (f) => vmap(f)(x),
  grad: (x) => (f) => grad((v: Variable) => f(v).sum())(x),
};

for (const [what, act] of INSIDE) {
  for (const [loop, make] of Object.entries(LOOPS)) {
    Deno.test(`a layer can't ${what} inside of ${loop}, where it would be that of one step`, () => {
      const layer = lambda((x: Variable, c) => {
        c.state("count", []);
        act(c, make(x));
        return x;
      });
      assertThrows(
        () =>
          applyLayer(layer, { parameters: {}, state: { count: constant(0) } }, zeros([9, 1]), {
            training: true,
            key: key(0),
          }),
        TypeError,
        `Cannot ${what}`,
      );
    });
  }
}

Deno.test("mistakes in layers get errors of their own", () => {
  const run = (f: (x: Variable, c: Context) => Variable): void =>
    void initialize(lambda(f), key(0), zeros([1, 2]));
  assertThrows(() => run((x, c) => x.add(c.parameter("a/b", []))), TypeError, 'a name is a text without "/"');
  assertThrows(
    () => run((x, c) => x.add(c.parameter("a", [])).add(c.parameter("a", [2]))),
    TypeError,
    "Cannot use the parameter a: it has shape [], the layer asks for [2]",
  );
  assertThrows(() => run((x, c) => (c.update("a", x), x)), TypeError, "there is no such state");
  assertThrows(
    () => run((x, c) => c.call(dense({ units: 1, name: "a" }), c.call(dense({ units: 1, name: "a" }), x))),
    TypeError,
    'Cannot call another layer named "a"',
  );
  assertThrows(() => run((x, c) => (c.addLoss(x), x)), TypeError, "a loss is a number");
  assertThrows(() => defineLayer("dense", () => (x: Variable) => x), TypeError, "the name is taken");
  assertThrows(() => dense({ units: 1, unit: 2 } as never), TypeError, "there is no option");
  assertThrows(
    () => applyLayer(dense({ units: 1 }), { parameters: {}, state: {} }, zeros([1, 2])),
    TypeError,
    "Cannot use the parameter kernel: it is not there",
  );
});

Deno.test("batchNormalization keeps moving statistics, and uses them when frozen or not training", () => {
  const layer = batchNormalization({ momentum: 0.5, epsilon: 1e-12 });
  const x = constant([[1, 10], [3, 30]]);
  const start = initialize(layer, key(0), x);
  const train = () => applyLayer(layer, start, x, { training: true, key: key(0) });
  const { output, state } = train();
  output.data.forEach((v, i) => assertAlmostEquals(v, [-1, -1, 1, 1][i]!, 1e-6));
  assertEquals(state["movingMean"]!.value, [1, 10]);
  assertEquals(state["movingVariance"]!.value, [1, 50.5]);
  assertEquals(applyLayer(layer, start, x).output.round().value, x.value);
  layer.trainable = false;
  assertEquals(train().output.round().value, x.value);
  assertEquals(train().state["movingMean"]!.value, [0, 0]);
});
