import { formatShape } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readOptions } from "../../_internal/readers/mod.ts";
import { readOptionalOperands } from "../../variable/operands.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/** Parameters of a recurrent cell; g is the number of gates. */
export interface RecurrentParameters {
  /** `[features, g * units]`. */
  readonly kernel: Operand;
  /** `[units, g * units]`. */
  readonly recurrentKernel: Operand;
  /** `[g * units]`; by default zeros. */
  readonly bias?: Operand;
}

/** Parameters of a gated recurrent unit. */
export interface GruParameters extends RecurrentParameters {
  /** Added to the part of the hidden state, `[3 * units]`; by default zeros. */
  readonly recurrentBias?: Operand;
}

/** The state of a long short-term memory. */
export interface LstmState<T = Operand> {
  /** What it gives out, `[batch, units]`. */
  readonly hidden: T;
  /** What it remembers, `[batch, units]`. */
  readonly cell: T;
}

/** The parameters of all cells; only the biases may be left out. */
const PARAMETERS = { kernel: undefined, recurrentKernel: undefined, bias: undefined } as const;

/**
 * One step of a simple recurrent network, `tanh(x kernel + hidden recurrentKernel + bias)`.
 *
 * @param x `[batch, features]`
 * @param hidden `[batch, units]`
 * @param parameters Kernels and bias, one gate
 * @returns The next hidden state, `[batch, units]`
 * @throws {TypeError} If the shapes do not fit
 *
 * @example
 * ```ts
 * import { rnnCell } from "@tapegrad/tapegrad";
 *
 * const parameters = { kernel: [[1]], recurrentKernel: [[0.5]] };
 * console.log(rnnCell([[1]], [[-2]], parameters).value); // [[0]]
 * ```
 */
export function rnnCell(x: Operand, hidden: Operand, parameters: RecurrentParameters): Variable {
  const { kernel, recurrentKernel, bias } = readOptions("rnnCell", parameters, PARAMETERS);
  const [input, state, inner, recurrent, shift] = readOptionalOperands([x, hidden, kernel, recurrentKernel], [
    bias,
  ]);
  checkCell("rnnCell", 1, input, state, inner, recurrent, shift);
  return addBias(input.matmul(inner).add(state.matmul(recurrent)), shift).tanh();
}

/**
 * One step of a long short-term memory. The gates stand in the order input, forget, candidate, output, as in
 * Keras and PyTorch: `cell' = sigmoid(f) cell + sigmoid(i) tanh(c)` and `hidden' = sigmoid(o) tanh(cell')`.
 * Source: Hochreiter and Schmidhuber, Long short-term memory, 1997
 *
 * @param x `[batch, features]`
 * @param before The hidden state and the cell, each `[batch, units]`
 * @param parameters Kernels and bias, four gates
 * @returns The next state
 * @throws {TypeError} If the shapes do not fit
 *
 * @example
 * ```ts
 * import { lstmCell } from "@tapegrad/tapegrad";
 *
 * const parameters = { kernel: [[0, 0, 0, 0]], recurrentKernel: [[0, 0, 0, 0]] };
 * console.log(lstmCell([[1]], { hidden: [[0]], cell: [[2]] }, parameters).cell.value); // [[1]]
 * ```
 */
export function lstmCell(
  x: Operand,
  before: LstmState,
  parameters: RecurrentParameters,
): LstmState<Variable> {
  const { kernel, recurrentKernel, bias } = readOptions("lstmCell", parameters, PARAMETERS);
  const { hidden, cell } = readOptions("lstmCell", before, { hidden: undefined, cell: undefined });
  const [input, state, memory, inner, recurrent, shift] = readOptionalOperands([
    x,
    hidden,
    cell,
    kernel,
    recurrentKernel,
  ], [bias]);
  checkCell("lstmCell", 4, input, state, inner, recurrent, shift);
  if (formatShape(memory.shape) !== formatShape(state.shape)) {
    throw new TypeError(
      message`Cannot apply lstmCell: hidden state and cell have shapes ${state.shape} and
      ${memory.shape}, they must be equal`,
    );
  }
  const gates = addBias(input.matmul(inner).add(state.matmul(recurrent)), shift);
  const [i, f, candidate, o] = splitGates(gates, 4) as [Variable, Variable, Variable, Variable];
  const next = f.sigmoid().mul(memory).add(i.sigmoid().mul(candidate.tanh()));
  return { hidden: o.sigmoid().mul(next.tanh()), cell: next };
}

/**
 * One step of a gated recurrent unit. The gates stand in the order update, reset, candidate, as in Keras
 * (PyTorch: reset, update, candidate); the reset gate takes effect after the recurrent product, as in both:
 * `hidden' = z hidden + (1 - z) tanh(c + sigmoid(r) (hidden recurrentKernel + recurrentBias))`.
 * Source: Cho et al., https://arxiv.org/abs/1406.1078
 *
 * @param x `[batch, features]`
 * @param hidden `[batch, units]`
 * @param parameters Kernels and biases, three gates
 * @returns The next hidden state, `[batch, units]`
 * @throws {TypeError} If the shapes do not fit
 *
 * @example
 * ```ts
 * import { gruCell } from "@tapegrad/tapegrad";
 *
 * const parameters = { kernel: [[0, 0, 0]], recurrentKernel: [[0, 0, 0]] };
 * console.log(gruCell([[1]], [[2]], parameters).value); // [[1]]
 * ```
 */
export function gruCell(x: Operand, hidden: Operand, parameters: GruParameters): Variable {
  const { kernel, recurrentKernel, bias, recurrentBias } = readOptions("gruCell", parameters, {
    ...PARAMETERS,
    recurrentBias: undefined,
  });
  const [input, state, inner, recurrent, shift, recurrentShift] = readOptionalOperands([
    x,
    hidden,
    kernel,
    recurrentKernel,
  ], [bias, recurrentBias]);
  checkCell("gruCell", 3, input, state, inner, recurrent, shift, recurrentShift);
  const [xz, xr, xc] = splitGates(addBias(input.matmul(inner), shift), 3);
  const [hz, hr, hc] = splitGates(addBias(state.matmul(recurrent), recurrentShift), 3);
  const candidate = xc!.add(xr!.add(hr!).sigmoid().mul(hc!)).tanh();
  return candidate.add(xz!.add(hz!).sigmoid().mul(state.sub(candidate)));
}

function addBias(x: Variable, bias: Variable | undefined): Variable {
  return bias === undefined ? x : x.add(bias);
}

/** The columns of each gate. */
function splitGates(x: Variable, count: number): Variable[] {
  const [rows, columns] = x.shape as [number, number];
  const units = columns / count;
  return Array.from({ length: count }, (_, i) => x.slice([0, i * units], [rows, units]));
}

function checkCell(
  operation: string,
  gates: number,
  input: Variable,
  state: Variable,
  kernel: Variable,
  recurrent: Variable,
  ...biases: (Variable | undefined)[]
): void {
  const [batch, features] = input.shape;
  const units = state.shape[1];
  const is = (x: Variable, ...shape: (number | undefined)[]): boolean =>
    formatShape(x.shape) === formatShape(shape as number[]);
  const columns = gates * units!;
  if (
    input.rank === 2 && is(state, batch, units) && is(kernel, features, columns) &&
    is(recurrent, units, columns) &&
    biases.every((bias) => bias === undefined || is(bias, columns))
  ) return;
  const shapes = [input, state, kernel, recurrent, ...biases].flatMap((v) =>
    v === undefined ? [] : [formatShape(v.shape)]
  );
  const width = gates === 1 ? "units" : `${gates} * units`;
  throw new TypeError(
    message`Cannot apply ${operation}: input, state, kernel, recurrent kernel and biases
    of shapes ${shapes.join(", ")} do not fit, expected [batch, features], [batch, units], [features,
    ${width}], [units, ${width}] and [${width}]`,
  );
}
