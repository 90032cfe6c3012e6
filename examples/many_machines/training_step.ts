/** A small model of images of digits, and its step of training as a pure function. */
import { constant, sparseCategoricalCrossEntropy, valueAndGrad, type Variable } from "../../mod.ts";
import { makeDigits } from "../../src/data/mod.ts";
import {
  applyLayer,
  dense,
  dropout,
  type Sequential,
  sequential,
  sparseCategoricalCrossentropy,
} from "../../src/nn/mod.ts";
import { adam, type Optimizer, type Weights } from "../../src/optim/mod.ts";
import { foldIn, key } from "../../src/random/mod.ts";

/** Everything that a step changes, named as the tensors of a model's file with its training. */
export interface State {
  readonly parameters: Weights;
  readonly optimizer: { readonly [slot: string]: Weights };
  readonly training: { readonly step: Variable; readonly rate: Variable };
}

/** A model, and what trains it. */
export interface Training {
  readonly model: Sequential;
  readonly state: State;
  step(state: State, x: Variable, y: Variable): readonly [State, loss: Variable];
}

/** Makes the model and its step. */
export function makeTraining(pixels: number, seed: number): Training {
  const model = sequential([
    dense({ units: 128, activation: "relu" }),
    dropout({ rate: 0.1 }),
    dense({ units: 10 }),
  ], { seed }).build([pixels]);
  const optimizer: Optimizer = adam({ learningRate: 0.002 });
  model.compile({ optimizer, loss: sparseCategoricalCrossentropy({ fromLogits: true }) });
  const { parameters, optimizer: { slots, step, rate } } = model.trainingState();
  return {
    model,
    state: { parameters, optimizer: slots, training: { step, rate } },
    step: (state, x, y) => {
      const { parameters, optimizer: slots, training } = state;
      const loss = (weights: Weights): Variable => {
        const drawn = foldIn(key(seed), training.step);
        const { output } = applyLayer(model, { parameters: weights, state: {} }, x, {
          training: true,
          key: drawn,
        });
        return sparseCategoricalCrossEntropy(y, output);
      };
      const [value, slopes] = valueAndGrad(loss as (weights: Weights) => Variable)(parameters);
      const next = optimizer.update(slopes as Weights, { ...training, slots }, parameters);
      return [{
        parameters: next.parameters as Weights,
        optimizer: next.state.slots,
        training: { step: next.state.step, rate: next.state.rate },
      }, value];
    },
  };
}

/** Batches of made-up digits: `x` of shape `[steps, batch, pixels]` and `y` of shape `[steps, batch]`. */
export function makeBatches(
  steps: number,
  batch: number,
  size: number,
  seed: number,
): { x: Variable; y: Variable } {
  const { features, labels } = makeDigits({ count: steps * batch, size, seed });
  return {
    x: constant(features).reshape([steps, batch, size * size]),
    y: constant(labels).reshape([steps, batch]),
  };
}
