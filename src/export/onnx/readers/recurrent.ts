import { concat, matmul, stack, zeros } from "../../../functions/mod.ts";
import type { Variable } from "../../../variable/mod.ts";
import type { OnnxValue, Reader, Reading } from "./reading.ts";

/** The weights of one direction. */
interface Weights {
  /** Of the input, `[gates, input]`. */
  readonly input: Variable;
  /** Of the hidden state, `[gates, hidden]`. */
  readonly hidden: Variable;
  /** Added to the products, `[gates]` each. */
  readonly inputBias: Variable;
  readonly hiddenBias: Variable;
}

/** One step: from the products with the input and the state before to the state after, of which the first is given out. */
type Step = (x: Variable, before: readonly Variable[], w: Weights, r: Reading) => readonly Variable[];

/** The parts of an axis that the gates lie along. */
const gates = (x: Variable, count: number): Variable[] => {
  const size = x.shape.at(-1)! / count;
  return Array.from(
    { length: count },
    (_, i) => x.slice([...x.shape.slice(0, -1).map(() => 0), i * size], [...x.shape.slice(0, -1), size]),
  );
};

const byHidden = (h: Variable, w: Variable): Variable => matmul(h, w.transpose());

/** Gates input, output, forget, cell. */
const lstmStep: Step = (x, [h, c], w) => {
  const sums = x.add(byHidden(h!, w.hidden)).add(w.hiddenBias);
  const [i, o, f, candidate] = gates(sums, 4) as [Variable, Variable, Variable, Variable];
  const cell = f.sigmoid().mul(c!).add(i.sigmoid().mul(candidate.tanh()));
  return [o.sigmoid().mul(cell.tanh()), cell];
};

/** Gates update, reset, hidden. */
const gruStep: Step = (x, [h], w, r) => {
  const [xz, xr, xh] = gates(x, 3) as [Variable, Variable, Variable];
  const [bz, br, bh] = gates(w.hiddenBias, 3) as [Variable, Variable, Variable];
  const size = h!.shape[1]!;
  const part = (k: number): Variable => w.hidden.slice([k * size, 0], [size, size]);
  const update = xz.add(byHidden(h!, part(0))).add(bz).sigmoid();
  const reset = xr.add(byHidden(h!, part(1))).add(br).sigmoid();
  const inner = r.flag("linear_before_reset")
    ? reset.mul(byHidden(h!, part(2)).add(bh))
    : byHidden(reset.mul(h!), part(2)).add(bh);
  const candidate = xh.add(inner).tanh();
  return [candidate.add(update.mul(h!.sub(candidate)))];
};

const simpleStep: Step = (x, [h], w) => [x.add(byHidden(h!, w.hidden)).add(w.hiddenBias).tanh()];

/** The activations that the steps have. */
const ACTIVATIONS: Readonly<Record<string, readonly string[]>> = {
  LSTM: ["Sigmoid", "Tanh", "Tanh"],
  GRU: ["Sigmoid", "Tanh"],
  RNN: ["Tanh"],
};

function checkSupported(r: Reading): void {
  const { operator } = r.node;
  const usual = ACTIVATIONS[operator]!;
  const stated = r.node.attributes.get("activations");
  if (Array.isArray(stated) && stated.some((name, i) => name !== usual[i % usual.length])) {
    throw r.unsupported(`an activation other than ${usual.join(", ")}`);
  }
  if (r.has(4)) throw r.unsupported("sequences of several lengths");
  if (r.has(7)) throw r.unsupported("peepholes");
  for (const name of ["clip", "input_forget", "layout"]) if (r.flag(name)) throw r.unsupported(name);
}

/**
 * A recurrent layer over `[time, batch, input]`: all hidden states `[time, directions, batch, hidden]`, and the last
 * state of each kind `[directions, batch, hidden]`.
 */
const recurrent = (states: number, step: Step): Reader => (r) => {
  checkSupported(r);
  const direction = r.text("direction", "forward");
  const count = direction === "bidirectional" ? 2 : 1;
  const runs = Array.from(
    { length: count },
    (_, d) => runDirection(r, d, direction === "reverse" || d === 1, states, step),
  );
  const all = stack(runs.map(({ outputs }) => outputs), { axis: 1 });
  const last = Array.from(
    { length: states },
    (_, k) => stack(runs.map(({ state }) => state[k]!), { axis: 0 }),
  );
  return [all, ...last].map((x): OnnxValue => r.like(x));
};

function runDirection(
  r: Reading,
  d: number,
  backwards: boolean,
  states: number,
  step: Step,
): { outputs: Variable; state: readonly Variable[] } {
  const [time, batch] = r.x.shape as [number, number];
  const of = (x: Variable): Variable =>
    x.slice([d, ...x.shape.slice(1).map(() => 0)], [1, ...x.shape.slice(1)]).squeeze(0);
  const [input, hidden] = [of(r.y), of(r.variable(2))];
  const rows = input.shape[0]!;
  const biases = r.has(3) ? of(r.variable(3)) : zeros([2 * rows], { dtype: r.x.dtype });
  const w = {
    input,
    hidden,
    inputBias: biases.slice([0], [rows]),
    hiddenBias: biases.slice([rows], [rows]),
  };
  const start = zeros([batch, hidden.shape[1]!], { dtype: r.x.dtype });
  let state: readonly Variable[] = Array.from(
    { length: states },
    (_, k) => r.has(5 + k) ? of(r.variable(5 + k)) : start,
  );
  // The products with the inputs of all steps are one.
  const products = matmul(r.x, input.transpose()).add(w.inputBias);
  const order = Array.from({ length: time }, (_, t) => backwards ? time - 1 - t : t);
  const outputs: Variable[] = new Array(time);
  for (const t of order) {
    const x = products.slice([t, 0, 0], [1, batch, rows]).squeeze(0);
    state = step(x, state, w, r);
    outputs[t] = state[0]!.expandDims(0);
  }
  return { outputs: concat(outputs, { axis: 0 }), state };
}

/** Recurrent layers. */
export const RECURRENT: Readonly<Record<string, Reader>> = {
  GRU: recurrent(1, gruStep),
  LSTM: recurrent(2, lstmStep),
  RNN: recurrent(1, simpleStep),
};
