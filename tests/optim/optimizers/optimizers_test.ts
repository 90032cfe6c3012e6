import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamW,
  asgd,
  lion,
  nadam,
  type Optimizer,
  radam,
  rmsprop,
  rprop,
  sgd,
} from "../../../src/optim/mod.ts";
import { valueAndGrad } from "../../../src/transforms/mod.ts";
import { constant, mapTree, type Variable } from "../../../src/variable/mod.ts";
import fixture from "../../fixtures/optimizers.json" with { type: "json" };

/** The options of the reference runs, by their own names. */
interface Hyper {
  lr: number;
  momentum?: number;
  dampening?: number;
  nesterov?: boolean;
  weight_decay?: number;
  betas?: number[];
  eps?: number;
  amsgrad?: boolean;
  alpha?: number;
  centered?: boolean;
  lr_decay?: number;
  initial_accumulator_value?: number;
  rho?: number;
}

const MAKERS: { readonly [name: string]: (h: Required<Hyper>) => Optimizer } = {
  SGD: (h) =>
    sgd({
      learningRate: h.lr,
      momentum: h.momentum,
      dampening: h.dampening,
      nesterov: h.nesterov,
      weightDecay: h.weight_decay,
    }),
  Adam: (h) => adam(adamOptions(h)),
  AdamW: (h) => adamW(adamOptions(h)),
  RMSprop: (h) =>
    rmsprop({
      learningRate: h.lr,
      decay: h.alpha,
      epsilon: h.eps,
      momentum: h.momentum,
      centered: h.centered,
      weightDecay: h.weight_decay,
    }),
  Adagrad: (h) =>
    adagrad({
      learningRate: h.lr,
      learningRateDecay: h.lr_decay,
      initialAccumulator: h.initial_accumulator_value,
      epsilon: h.eps,
      weightDecay: h.weight_decay,
    }),
  Adadelta: (h) =>
    adadelta({ learningRate: h.lr, decay: h.rho, epsilon: h.eps, weightDecay: h.weight_decay }),
  Adamax: (h) => adamax({ learningRate: h.lr, beta1: h.betas[0]!, beta2: h.betas[1]!, epsilon: h.eps }),
};

function adamOptions(h: Required<Hyper>): Parameters<typeof adam>[0] {
  return {
    learningRate: h.lr,
    beta1: h.betas[0]!,
    beta2: h.betas[1]!,
    epsilon: h.eps,
    weightDecay: h.weight_decay,
    amsgrad: h.amsgrad,
  };
}

function rosenbrock({ point }: { point: Variable }): Variable {
  const x = point.slice(0, 1);
  const y = point.slice(1, 1);
  return x.neg().add(1).square().add(y.sub(x.square()).square().mul(100)).sum();
}

for (const run of fixture.runs) {
  Deno.test(`${run.optimizer} follows the reference trajectory ${run.name} for ${run.x.length - 1} steps`, () => {
    const optimizer = MAKERS[run.optimizer]!(run.hyper as unknown as Required<Hyper>);
    let parameters = { point: constant(run.x[0]!) };
    let state = optimizer.init(parameters);
    run.x.slice(1).forEach((expected, k) => {
      const [, gradients] = valueAndGrad(rosenbrock)(parameters);
      ({ parameters, state } = optimizer.update(gradients, state, parameters));
      parameters.point.data.forEach((x, i) =>
        assertAlmostEquals(x, expected[i]!, 1e-10 * Math.max(1, Math.abs(expected[i]!)), `step ${k + 1}`)
      );
    });
  });
}

Deno.test("the reference runs cover every optimizer", () => {
  assertEquals([...new Set(fixture.runs.map((run) => run.optimizer))].sort(), Object.keys(MAKERS).sort());
});

const ALL: readonly (() => Optimizer)[] = [
  ...[sgd, adam, adamW, nadam, radam, rmsprop, adagrad, adadelta, adamax, lion, rprop, asgd],
];

for (const make of ALL) {
  Deno.test(`${make.name}() changes nothing that it is given, and keeps structure, names and dtypes`, () => {
    const optimizer = make();
    const parameters = {
      layers: [{ w: constant([[1, 2]], { name: "w", dtype: "float32" }) }],
      b: constant(3, { name: "b" }),
    };
    const gradients = { layers: [{ w: constant([[1, 1]], { dtype: "float32" }) }], b: constant(1) };
    const state = optimizer.init(parameters);
    const before = mapTree<Variable, unknown>(state, (x) => x.value);
    const first = optimizer.update(gradients, state, parameters);
    const second = optimizer.update(gradients, state, parameters);
    assertEquals(mapTree<Variable, unknown>(state, (x) => x.value), before);
    assertEquals(parameters.layers[0]!.w.value, [[1, 2]]);
    assertEquals(first.parameters.b.value, second.parameters.b.value);
    assertEquals(first.state.step.item(), 1);
    const { w } = first.parameters.layers[0]!;
    assertEquals([w.name, w.dtype, w.shape], ["w", "float32", [1, 2]]);
    const { b } = first.parameters;
    assertEquals([b.name, b.dtype, b.shape], ["b", "float64", []]);
    assertEquals(b.item() < 3, true);
  });
}

Deno.test("an optimizer asks its schedule for the rate of each step, from 0", () => {
  const asked: number[] = [];
  const optimizer = sgd({
    learningRate: (step) => {
      asked.push(step.item());
      return step.add(1);
    },
  });
  let parameters = [constant(0)];
  let state = optimizer.init(parameters);
  for (let k = 0; k < 3; k++) ({ parameters, state } = optimizer.update([constant(1)], state, parameters));
  assertEquals(asked, [0, 1, 2]);
  assertEquals(parameters[0]!.item(), -6);
});

const BAD_OPTIONS: readonly [() => Optimizer, string][] = [
  [() => sgd({ learningRate: -1 }), "Cannot make sgd: learningRate is -1, use 0 or more, finite"],
  [() => sgd({ learningRate: NaN }), "Cannot make sgd: learningRate is NaN, use 0 or more, finite"],
  [() => sgd({ momentum: 1 }), "Cannot make sgd: momentum is 1, use 0 or more, less than 1"],
  [() => sgd({ momentum: 0.5, dampening: 2 }), "Cannot make sgd: dampening is 2, use 0 to 1"],
  [() => sgd({ nesterov: true }), "nesterov needs momentum above 0 and no dampening, momentum is 0"],
  [() => adam({ beta1: 1 }), "Cannot make adam: beta1 is 1, use 0 or more, less than 1"],
  [() => adam({ beta2: -0.1 }), "Cannot make adam: beta2 is -0.1"],
  [() => adamW({ weightDecay: -1 }), "Cannot make adamW: weightDecay is -1"],
  [() => rmsprop({ epsilon: Infinity }), "Cannot make rmsprop: epsilon is Infinity, use 0 or more, finite"],
  [() => rmsprop({ decay: 2 }), "Cannot make rmsprop: decay is 2"],
  [() => adagrad({ initialAccumulator: -1 }), "Cannot make adagrad: initialAccumulator is -1"],
  [() => adadelta({ decay: 1 }), "Cannot make adadelta: decay is 1"],
  [() => adamax({ beta2: 1 }), "Cannot make adamax: beta2 is 1"],
];

for (const [make, message] of BAD_OPTIONS) {
  Deno.test(`bad options are refused: ${message}`, () => {
    assertThrows(make, RangeError, message);
  });
}

Deno.test("update() refuses gradients and states of other parameters", () => {
  const optimizer = adam();
  const parameters = { w: constant([1, 2]) };
  const state = optimizer.init(parameters);
  const update = (gradients: unknown, s = state): unknown =>
    optimizer.update(gradients as typeof parameters, s, parameters);
  assertThrows(() => update({}), TypeError, 'there is no gradient for "w"');
  assertThrows(
    () => update({ w: constant([1, 2]), b: constant(1) }),
    TypeError,
    'there is a gradient for "b"',
  );
  assertThrows(() => update({ w: constant([[1], [2]]) }), TypeError, "has shape [2], its gradient [2, 1]");
  assertThrows(
    () => update({ w: constant([1, 2]) }, sgd().init(parameters)),
    TypeError,
    'the state holds no m of parameter "w", call init() with these parameters',
  );
  assertThrows(
    () => update({ w: constant([1, 2]) }, optimizer.init({ w: constant([1, 2, 3]) })),
    TypeError,
    'parameter "w" has shape [2], its state [3]; call init() with these parameters',
  );
});

Deno.test("update() refuses a rate that a schedule got wrong", () => {
  const optimizer = sgd({ learningRate: () => constant(NaN) });
  const parameters = [constant(1)];
  assertThrows(
    () => optimizer.update([constant(1)], optimizer.init(parameters), parameters),
    RangeError,
    "the schedule gives the learning rate NaN at step 0",
  );
});

Deno.test("adamax with epsilon 0 leaves a parameter that has had no gradient where it is", () => {
  const optimizer = adamax({ epsilon: 0 });
  const parameters = [constant([1, 1])];
  const next = optimizer.update([constant([0, 1])], optimizer.init(parameters), parameters);
  assertEquals(next.parameters[0]!.data[0], 1);
  assertEquals(next.parameters[0]!.data[1]! < 1, true);
});
