import { concat, ones } from "../../functions/mod.ts";
import { constant, type Variable } from "../../variable/mod.ts";
import { type ActivationArgument, activationOf } from "../activations.ts";
import { type Initializer, initializerOf } from "../initializers.ts";
import { readLayerOptions } from "./_options.ts";
import {
  defineRecurrent,
  RECURRENT,
  type RecurrentFactory,
  type RecurrentOptions,
  splitGates,
} from "./_recurrence.ts";

/** Options of {@linkcode simpleRnn}. */
export type SimpleRnnOptions = RecurrentOptions;

/**
 * A simple recurrent network over sequences `[batch, steps, features]`:
 * `h' = activation(x kernel + h recurrentKernel + bias)`. The input may be an array of the sequences and the state to
 * start from, `[batch, units]`; steps that a mask leaves out change nothing.
 *
 * @param options The number of units, what is given out, activation, initializers
 * @throws {RangeError} If units is not an integer from 1 up, or a name is unknown
 *
 * @example
 * ```ts
 * import { input, simpleRnn } from "@tapegrad/tapegrad/nn";
 *
 * const x = input({ shape: [10, 8] });
 * console.log(simpleRnn({ units: 4 }).apply(x).shape); // [4]
 * console.log(simpleRnn({ units: 4, returnSequences: true }).apply(x).shape); // [10, 4]
 * ```
 */
export const simpleRnn: RecurrentFactory<SimpleRnnOptions> = defineRecurrent(
  "simpleRnn",
  (options: SimpleRnnOptions) => {
    const read = readLayerOptions("simpleRnn", options, RECURRENT);
    const activate = activationOf(read.activation);
    return {
      read,
      cell: {
        gates: 1,
        states: 1,
        step: (x, _, h, [kernel]) => [activate(x.add(h.matmul(kernel!)))],
      },
    };
  },
);

/** Options of {@linkcode lstm}. */
export interface LstmOptions extends RecurrentOptions {
  /** Of the gates; `"sigmoid"` by default. */
  readonly recurrentActivation?: ActivationArgument;
  /** Whether the bias of the forget gate starts as 1; true by default (Jozefowicz et al. 2015). */
  readonly unitForgetBias?: boolean;
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997) over sequences `[batch, steps, features]`. The gates stand
 * in the order input, forget, candidate, output, as in Keras: kernels `[features, 4 units]` and `[units, 4 units]`. The
 * input may be an array of the sequences and the output and memory to start from, `[batch, units]` each; steps that a
 * mask leaves out change nothing.
 *
 * @param options The number of units, what is given out, activations, initializers
 * @throws {RangeError} If units is not an integer from 1 up, or a name is unknown
 *
 * @example
 * ```ts
 * import { input, lstm } from "@tapegrad/tapegrad/nn";
 *
 * const x = input({ shape: [10, 8] });
 * console.log(lstm({ units: 4 }).apply(x).shape); // [4]
 * const [output, h, c] = lstm({ units: 4, returnSequences: true, returnState: true }).apply(x);
 * console.log(output!.shape, h!.shape, c!.shape); // [10, 4] [4] [4]
 * ```
 */
export const lstm: RecurrentFactory<LstmOptions> = defineRecurrent("lstm", (options: LstmOptions) => {
  const read = readLayerOptions("lstm", options, {
    ...RECURRENT,
    recurrentActivation: "sigmoid",
    unitForgetBias: true,
  });
  const activate = activationOf(read.activation);
  const gate = activationOf(read.recurrentActivation);
  const start = initializerOf(read.biasInitializer);
  return {
    read,
    cell: {
      gates: 4,
      states: 2,
      biasInitializer: read.unitForgetBias ? withForgetOnes(start) : start,
      step: (x, [, memory], h, [kernel]) => {
        const [i, f, candidate, o] = splitGates(x.add(h.matmul(kernel!)), 4) as [
          Variable,
          Variable,
          Variable,
          Variable,
        ];
        const next = gate(f).mul(memory!).add(gate(i).mul(activate(candidate)));
        return [gate(o).mul(activate(next)), next];
      },
    },
  };
});

/** Start values of which the second of four parts is replaced by ones. */
function withForgetOnes(start: Initializer): Initializer {
  return (key, shape, dtype) => {
    const values = constant(start(key, shape, dtype), { dtype });
    const units = values.size / 4;
    return concat([values.slice(0, units), ones([units], { dtype }), values.slice(2 * units, 2 * units)]);
  };
}

/** Options of {@linkcode gru}. */
export interface GruOptions extends RecurrentOptions {
  /** Of the gates; `"sigmoid"` by default. */
  readonly recurrentActivation?: ActivationArgument;
  /** Whether the reset gate acts after the recurrent product, with a bias for it; true by default. */
  readonly resetAfter?: boolean;
}

/**
 * Gated recurrent units (Cho et al. 2014) over sequences `[batch, steps, features]`. The gates stand in the order
 * update, reset, candidate, as in Keras: kernels `[features, 3 units]` and `[units, 3 units]`, and a bias
 * `[2, 3 units]`, of both products (without `resetAfter` `[3 units]`). The input may be an array of the sequences and
 * the state to start from, `[batch, units]`; steps that a mask leaves out change nothing.
 *
 * @param options The number of units, what is given out, activations, initializers
 * @throws {RangeError} If units is not an integer from 1 up, or a name is unknown
 *
 * @example
 * ```ts
 * import { gru, input } from "@tapegrad/tapegrad/nn";
 *
 * console.log(gru({ units: 4 }).apply(input({ shape: [10, 8] })).shape); // [4]
 * ```
 */
export const gru: RecurrentFactory<GruOptions> = defineRecurrent("gru", (options: GruOptions) => {
  const read = readLayerOptions("gru", options, {
    ...RECURRENT,
    recurrentActivation: "sigmoid",
    resetAfter: true,
  });
  const activate = activationOf(read.activation);
  const gate = activationOf(read.recurrentActivation);
  const mix = (z: Variable, h: Variable, candidate: Variable): Variable =>
    candidate.add(z.mul(h.sub(candidate)));
  if (!read.resetAfter) {
    return {
      read,
      cell: {
        gates: 3,
        states: 1,
        prepare: (kernel) => {
          const units = kernel.shape[0] ?? 0;
          return [kernel.slice([0, 0], [units, 2 * units]), kernel.slice([0, 2 * units], [units, units])];
        },
        step: (x, [h], seen, [ofGates, ofCandidate]) => {
          const [xz, xr, xc] = splitGates(x, 3);
          const [hz, hr] = splitGates(seen.matmul(ofGates!), 2);
          const candidate = activate(xc!.add(gate(xr!.add(hr!)).mul(seen).matmul(ofCandidate!)));
          return [mix(gate(xz!.add(hz!)), h!, candidate)];
        },
      },
    };
  }
  return {
    read,
    cell: {
      gates: 3,
      states: 1,
      biasShape: (units) => [2, 3 * units],
      inputBias: (bias) => bias.slice(0, 1).reshape([bias.shape[1] ?? 0]),
      prepare: (kernel, bias) => bias === undefined ? [kernel] : [kernel, bias.slice(1, 1)],
      step: (x, [h], seen, [kernel, shift]) => {
        const product = seen.matmul(kernel!);
        const recurrent = shift === undefined ? product : product.add(shift);
        const [xz, xr, xc] = splitGates(x, 3);
        const [hz, hr, hc] = splitGates(recurrent, 3);
        const candidate = activate(xc!.add(gate(xr!.add(hr!)).mul(hc!)));
        return [mix(gate(xz!.add(hz!)), h!, candidate)];
      },
    },
  };
});
