import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  accumulate,
  adadelta,
  adagrad,
  adam,
  adamax,
  adamW,
  asgd,
  averagedParameters,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  cosineDecay,
  groups,
  lion,
  movingAverage,
  nadam,
  type Optimizer,
  type OptimizerState,
  radam,
  rmsprop,
  rprop,
  sgd,
} from "../../../src/optim/mod.ts";
import { compile, grad, valueAndGrad } from "../../../src/transforms/mod.ts";
import { constant, flattenTree, type Variable, variable } from "../../../src/variable/mod.ts";

interface Model {
  readonly [name: string]: Variable;
}

const OPTIMIZERS: { readonly [name: string]: () => Optimizer } = {
  sgd: () => sgd({ learningRate: 0.1 }),
  nesterov: () => sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  dampened: () => sgd({ learningRate: 0.1, momentum: 0.9, dampening: 0.5, globalClipNorm: 1 }),
  adam: () => adam({ learningRate: 0.1, clipNorm: 0.5 }),
  amsgrad: () => adam({ learningRate: 0.1, amsgrad: true, clipValue: 0.5 }),
  adamW: () => adamW({ learningRate: cosineDecay(0.1, { steps: 10 }), excludeFromWeightDecay: ["b"] }),
  nadam: () => nadam({ learningRate: 0.1 }),
  radam: () => radam({ learningRate: 0.1, beta2: 0.9 }),
  rmsprop: () => rmsprop({ learningRate: 0.1, centered: true, momentum: 0.5 }),
  adagrad: () => adagrad({ learningRate: 0.1, learningRateDecay: 0.1 }),
  adadelta: () => adadelta({ learningRate: 1 }),
  adamax: () => adamax({ learningRate: 0.1 }),
  lion: () => lion({ learningRate: 0.01, weightDecay: 0.1 }),
  rprop: () => rprop(),
  asgd: () => asgd({ averageAfter: 2 }),
  groups: () => groups([[/b$/, adam()], [/^/, sgd()]]),
  accumulate: () => accumulate(adam({ learningRate: 0.1 }), 2),
  movingAverage: () => movingAverage(sgd({ learningRate: 0.1 }), { momentum: 0.9 }),
};

const x = constant([[1, 2], [3, -1], [0.5, 0.25]]);
const loss = ({ w, b }: Model): Variable => x.matmul(w!).add(b!).tanh().square().mean();
const start = (dtype: "float32" | "float64" = "float64"): Model => ({
  w: constant([[0.5, -0.3], [0.2, 0.9]], { dtype }),
  b: constant([0.1, 0], { dtype }),
});

/** A few steps of training. */
function train(
  step: (p: Model, s: OptimizerState) => [Model, OptimizerState],
  from: [Model, OptimizerState],
) {
  let now = from;
  for (let k = 0; k < 7; k++) now = step(...now);
  return now;
}

const numbers = (tree: unknown): number[] =>
  flattenTree<Variable>(tree as Model).flatMap((leaf) => [...leaf.data]);

for (const [name, make] of Object.entries(OPTIMIZERS)) {
  const optimizer = make();
  const step = (p: Model, s: OptimizerState): [Model, OptimizerState] => {
    const next = optimizer.update(grad(loss)(p), s, p);
    return [next.parameters, next.state];
  };
  Deno.test(`${name} gives the same parameters and state compiled`, () => {
    const p = start();
    const eager = numbers(train(step, [p, optimizer.init(p)]));
    using compiled = compile(step, { donate: [0, 1] });
    const found = numbers(train(compiled, [start(), optimizer.init(p)]));
    found.forEach((value, i) => assertAlmostEquals(value, eager[i]!, 1e-12));
    assertEquals(compiled.stats().length, 1);
  });

  Deno.test(`${name} keeps float32 parameters and slots float32, compiled too`, () => {
    const p = start("float32");
    for (const run of [step, compile(step)]) {
      const [parameters, { slots }] = run(p, optimizer.init(p));
      assertEquals(flattenTree<Variable>(parameters).map((v) => v.dtype), ["float32", "float32"]);
      for (const [slot, weights] of Object.entries(slots)) {
        if (slot === "product") continue;
        assertEquals(Object.values(weights).map((v) => v.dtype), Object.values(weights).map(() => "float32"));
      }
    }
  });

  Deno.test(`the derivative through two steps of ${name} is right, where a gradient is 0, too`, () => {
    // The second parameter is unused, so its gradient is exactly 0.
    const final = (rate: Variable): Variable => {
      let p: Model = { w: constant([1, 2]), unused: constant([1, 1]) };
      let s = { ...optimizer.init(p), rate };
      for (let k = 0; k < 2; k++) {
        const gradients = grad((q: Model) =>
          q["w"]!.square().mul(rate.add(1)).sum().add(q["unused"]!.sum().mul(0))
        )(
          p,
        );
        ({ parameters: p, state: s } = optimizer.update(gradients, s, p));
      }
      return p["w"]!.square().sum().add(p["unused"]!.sum());
    };
    const at = optimizer.init({}).rate.item();
    const h = 1e-6 * Math.max(at, 0.01);
    const slope = (final(constant(at + h)).item() - final(constant(at - h)).item()) / (2 * h);
    const found = grad(final)(at);
    assertAlmostEquals(found, slope, 1e-5 * Math.max(1, Math.abs(slope)));
    assertAlmostEquals(compile(grad(final))(at), found, 1e-9 * Math.max(1, Math.abs(found)));
  });
}

Deno.test("the rate in the state holds in a compiled step without another program", () => {
  const optimizer = sgd({ learningRate: 0.5 });
  using step = compile((p: Model, s: OptimizerState) =>
    optimizer.update({ w: constant([1]) }, s, p).parameters
  );
  const p = { w: constant([1]) };
  const state = optimizer.init(p);
  assertEquals(step(p, state)["w"]!.value, [0.5]);
  assertEquals(step(p, { ...state, rate: constant(0.25) })["w"]!.value, [0.75]);
  assertEquals(step.stats().length, 1);
});

Deno.test("the update of a parameter is one loop", () => {
  for (const optimizer of [adam(), adam({ globalClipNorm: 1 }), sgd({ momentum: 0.9 }), rmsprop()]) {
    const p = { w: constant(new Float32Array(64)) };
    const update = compile((g: Model, s: OptimizerState, q: Model) => optimizer.update(g, s, q));
    const loops = update.lower(p, optimizer.init(p), p).groups.split("\n")
      .filter((line) => line.includes("loop over [64]") && !line.trimEnd().endsWith("sum"));
    assertEquals(loops.length, 1);
  }
});

Deno.test("an update outside of transforms records nothing, with trainable parameters too", () => {
  const optimizer = adam({ learningRate: 0.1 });
  const w = variable([1, 2]);
  let state = optimizer.init({ w });
  for (let k = 0; k < 3; k++) {
    w.zeroGrad();
    w.square().sum().backward();
    const next = optimizer.update({ w: w.grad! }, state, { w });
    w.assign(next.parameters.w);
    state = next.state;
  }
  assertEquals(w.data.map((v) => Math.round(v * 100) / 100), Float64Array.of(0.7, 1.7));
});

Deno.test("plain arrays and numbers come back as such", () => {
  const optimizer = adam({ learningRate: 0.5 });
  const p = { w: [1, 2], b: 3, t: Float32Array.of(1) };
  const { parameters } = optimizer.update({ w: [1, 1], b: 1, t: [1] }, optimizer.init(p), p);
  assertEquals(parameters.w.map((v) => Math.round(v * 1e6) / 1e6), [0.5, 1.5]);
  assertEquals(typeof parameters.b, "number");
  assertEquals(parameters.t instanceof Float32Array, true);
});

Deno.test("weight decay leaves out what is excluded by path", () => {
  const p = { dense: { kernel: constant([1]), bias: constant([1]) } };
  for (const excludeFromWeightDecay of [["bias"], [/bias$/]]) {
    const optimizer = adamW({ learningRate: 0.5, weightDecay: 0.1, excludeFromWeightDecay });
    const { dense } = optimizer.update(
      { dense: { kernel: constant([0]), bias: constant([0]) } },
      optimizer.init(p),
      p,
    ).parameters;
    assertEquals([dense.kernel.value, dense.bias.value], [[0.95], [1]]);
  }
});

Deno.test("clipping by value, norm and global norm shortens what is too long, and nothing else", () => {
  const g = { a: [3, 4], b: [0.3, 0.4] };
  assertEquals(clipByValue(g, 1), { a: [1, 1], b: [0.3, 0.4] });
  assertEquals(clipByNorm({ a: [30, 40], b: [0.3, 0.4] }, 5), { a: [3, 4], b: [0.3, 0.4] });
  const scale = 1 / Math.hypot(3, 4, 0.3, 0.4);
  flattenTree<number>(clipByGlobalNorm(g, 1)).forEach((value, i) =>
    assertAlmostEquals(value, [3, 4, 0.3, 0.4][i]! * scale, 1e-15)
  );
  assertEquals(clipByGlobalNorm(g, 100), g);
  assertEquals(clipByNorm({ a: [0, 0] }, 1), { a: [0, 0] });
  assertEquals(clipByNorm(Float32Array.of(3e30, 4e30), 5), Float32Array.of(3, 4));
  assertEquals(grad((v: Variable) => clipByNorm({ v }, 1).v.sum())([0, 0]), [1, 1]);
  assertThrows(() => clipByValue(g, -1), RangeError, "limit is -1, use a finite number above 0");
});

Deno.test("groups() takes the first that fits, and scales every learning rate", () => {
  const optimizer = groups([["b", sgd({ learningRate: 1 })], [
    /^/,
    sgd({ learningRate: 0.5, momentum: 0.5 }),
  ]]);
  const p = { a: constant(0), b: constant(0) };
  const g = { a: constant(1), b: constant(1) };
  const first = optimizer.update(g, optimizer.init(p), p);
  const second = optimizer.update(g, { ...first.state, rate: constant(2) }, first.parameters);
  assertEquals([first.parameters.a.item(), first.parameters.b.item()], [-0.5, -1]);
  assertEquals([second.parameters.a.item(), second.parameters.b.item()], [-2, -3]);
  assertEquals(Object.keys(second.state.slots["velocity"]!), ["a"]);
  assertThrows(() => groups([["b", sgd()]]).init(p), TypeError, '"a": it is in no group');
});

Deno.test("accumulate() takes the step of the mean gradient", () => {
  const p = { w: constant([1, 2]) };
  const plain = adam({ learningRate: 0.1 });
  const optimizer = accumulate(plain, 3);
  let now = { parameters: p, state: optimizer.init(p) };
  let wanted = { parameters: p, state: plain.init(p) };
  for (let k = 0; k < 6; k++) now = optimizer.update({ w: constant([k, 1]) }, now.state, now.parameters);
  for (const mean of [1, 4]) {
    wanted = plain.update({ w: constant([mean, 1]) }, wanted.state, wanted.parameters);
  }
  now.parameters.w.data.forEach((v, i) => assertAlmostEquals(v, wanted.parameters.w.data[i]!, 1e-14));
});

Deno.test("movingAverage() starts at the parameters after the first step and follows them", () => {
  const optimizer = movingAverage(sgd({ learningRate: 1 }), { momentum: 0.5 });
  const p = { w: constant([8]) };
  let now = { parameters: p, state: optimizer.init(p) };
  for (let k = 0; k < 2; k++) now = optimizer.update({ w: constant([4]) }, now.state, now.parameters);
  assertEquals(averagedParameters(now.parameters, now.state).w.value, [2]);
  assertThrows(() => averagedParameters(p, sgd().init(p)), TypeError, "the state holds none");
});

const UNKNOWN: readonly [() => unknown, string][] = [
  [() => sgd({ lr: 0.5 } as object), 'there is no option "lr" (did you mean learningRate?)'],
  [() => adam({ beta_1: 0.5 } as object), "did you mean beta1?"],
  [() => lion({ epsilon: 1 } as object), 'there is no option "epsilon"'],
  [() => sgd(0.1 as never), "pass an object such as"],
  [() => adam({ clipNorm: 1, clipValue: 1 }), "use one of them"],
  [() => adam({ learningRate: "0.1" as never }), 'learningRate is "0.1"'],
  [() => rmsprop({ rho: 0.9, decay: 0.9 }), "they are the same"],
];

for (const [make, message] of UNKNOWN) {
  Deno.test(`bad options are type errors: ${message}`, () => {
    assertThrows(make, TypeError, message);
  });
}

Deno.test("valueAndGrad over the learning rate finds that of the steepest descent", () => {
  const [value, slope] = valueAndGrad((rate: Variable) => {
    const optimizer = sgd();
    const p = { w: constant([1, 2]) };
    const state = { ...optimizer.init(p), rate };
    return optimizer.update({ w: constant([2, 4]) }, state, p).parameters.w.square().sum();
  })(0.5);
  assertAlmostEquals(value, 0, 1e-15);
  assertAlmostEquals(slope, 0, 1e-15);
});
