// All products are element-wise, so a gate of a layer is a few operations on a vector of bits. The loop is long:
// scan() records and compiles one step, and keeps nothing but the states for the way back; state and parameters go
// into a step as one array each. What does not depend on the state before is done for all characters at the same
// time, outside of the loop.
import { concat, constant, grad, scan, stack, unstack, type Variable } from "../../mod.ts";
import type { Evaluation } from "./evaluation.ts";
import { Input } from "./input.ts";

/** What is differentiated: `[2 layers, 4 bits]` weights and biases of gates, and `[3, bits]` of in- and outputs. */
interface Parameters {
  readonly main: Variable;
  readonly extra: Variable;
}

interface Data {
  /** `[2 layers, bits]`: hidden and cell state of each layer. */
  readonly state: Variable;
  /** `[characters, bits]` */
  readonly sequence: Variable;
}

/** A weight and a bias for each bit. */
type Gate = readonly [weight: Variable, bias: Variable];

/** The mean surprise at the next character. */
function objective({ main, extra }: Parameters, { state, sequence }: Data): Variable {
  const [count, bits] = sequence.shape as [number, number];
  const [scaleIn, scaleOut, bias] = unstack(extra) as [Variable, Variable, Variable];
  const step = (state: Variable, x: Variable): readonly [Variable, Variable] => advance(main, state, x);
  const [, hidden] = scan(step, state, sequence.slice(0, count - 1).mul(scaleIn));
  const y = hidden.mul(scaleOut).add(bias);
  const normal = y.exp().sum({ axis: 1, keepDims: true }).add(2).log();
  return sequence.slice(1).mul(normal.sub(y)).sum().div(bits * (count - 1));
}

/** The next state of all layers, each of which sees the one below, and the hidden state of the last. */
function advance(main: Variable, state: Variable, x: Variable): [state: Variable, hidden: Variable] {
  const rows = unstack(state);
  const layers = unstack(main.reshape([-1, 2, 4, x.size]));
  let v = x;
  const next = layers.flatMap((layer, i) => {
    const gates = unstack(layer, { axis: 1 }).map((gate) => unstack(gate) as [Variable, Variable]);
    const [h, s] = advanceLayer(gates, v, rows[2 * i]!, rows[2 * i + 1]!);
    v = h;
    return [h, s];
  });
  return [stack(next), v];
}

/** One layer's next hidden and cell state; some gates see the layer below, some the layer itself. */
function advanceLayer(
  [forget, ingate, outgate, change]: readonly Gate[],
  v: Variable,
  h: Variable,
  s: Variable,
): [hidden: Variable, cell: Variable] {
  const see = (x: Variable, gate: Gate | undefined): Variable => x.mul(gate![0]).add(gate![1]);
  const kept = s.mul(see(v, forget).sigmoid());
  const cell = kept.add(see(h, ingate).sigmoid().mul(see(h, change).tanh()));
  return [see(v, outgate).sigmoid().mul(cell.tanh()), cell];
}

function read(input: unknown): { parameters: Parameters; data: Data } {
  const fields = new Input(input);
  const sequence = constant(fields.array("sequence", [undefined, undefined]));
  const [count, bits] = sequence.shape as [number, number];
  const main = constant(fields.array("main_params", [undefined, 4 * bits]));
  const rows = main.shape[0]!;
  if (count < 2 || rows % 2 === 1) {
    throw new TypeError("Cannot read the input: give at least two characters, and two rows for each layer");
  }
  const extra = constant(fields.array("extra_params", [3, bits]));
  return {
    parameters: { main, extra },
    data: { sequence, state: constant(fields.array("state", [rows, bits])) },
  };
}

export const lstm: Evaluation = {
  objective: (input) => {
    const { parameters, data } = read(input);
    return () => objective(parameters, data).item();
  },
  jacobian: (input) => {
    const { parameters, data } = read(input);
    return () => {
      const { main, extra } = grad(objective)(parameters, data);
      return concat([main.reshape([-1]), extra.reshape([-1])]).toArray().data;
    };
  },
};
