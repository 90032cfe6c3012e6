/** What single layers compute: dropout, embeddings, attention, recurrent cells. */
import { formatShape } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readFunction, readNumber, readOptions } from "../../_internal/readers/mod.ts";
import { allocate } from "../../array/dtype.ts";
import { NdArray } from "../../array/nd_array.ts";
import { sameShape } from "../../array/shape.ts";
import { operation as op } from "../../primitives/mod.ts";
import { apply } from "../../variable/apply.ts";
import { readOperands, readOptionalOperands, toVariable } from "../../variable/operands.ts";
import type { Operand, Variable } from "../../variable/variable.ts";

/**
 * Drops elements by a mask and enlarges the others, `x / (1 - rate)`, so that the expectation stays. For a
 * mask drawn from a random key, see `dropout` in `@tapegrad/tapegrad/random`.
 * Source: Srivastava et al., Dropout, 2014
 *
 * @param x Any shape
 * @param mask 1 for what stays, 0 for what is dropped, a shape that broadcasts to that of x
 * @param rate The probability with which the mask drops, from 0 to below 1
 * @returns The same shape and dtype; what is dropped is 0 whatever it was
 * @throws {RangeError} If the rate is out of range
 * @throws {TypeError} If the mask does not broadcast to the shape of x
 *
 * @example
 * ```ts
 * import { dropoutWithMask } from "@tapegrad/tapegrad";
 *
 * console.log(dropoutWithMask([1, 2, 3], [1, 0, 1], 0.5).value); // [2, 0, 6]
 * ```
 */
export function dropoutWithMask(x: Operand, mask: Operand, rate: number): Variable {
  readNumber("dropout", "the rate", rate, { min: 0, below: 1 });
  const [values, keep] = readOperands(x, mask);
  const result = keep.where(values.div(1 - rate), 0);
  if (sameShape(result.shape, values.shape)) return result;
  throw new TypeError(
    message`Cannot apply dropout: a mask of shape ${keep.shape} does not broadcast to
    ${values.shape}`,
  );
}

/**
 * Rows of a table, chosen by their numbers; gradients of rows that are chosen several times add up.
 *
 * @param indices Integers from 0 to rows - 1, any shape
 * @param table `[rows, features]`
 * @returns `[...indices, features]`, in the dtype of the table
 * @throws {TypeError} If the table has not two axes
 * @throws {RangeError} If an index is no integer or out of range
 *
 * @example
 * ```ts
 * import { embedding } from "@tapegrad/tapegrad";
 *
 * console.log(embedding([2, 0], [[1, 1], [2, 2], [3, 3]]).value); // [[3, 3], [1, 1]]
 * ```
 */
export function embedding(indices: Operand, table: Operand): Variable {
  const rows = toVariable(table);
  if (rows.rank === 2) return rows.gather(indices);
  throw new TypeError(
    message`Cannot embed: the table has shape ${rows.shape}, expected [rows, features]`,
  );
}

/** Which keys a query may see, and how scores are scaled. */
export interface AttentionOptions {
  /**
   * 1 where a query may see a key, else 0; a shape that broadcasts to `[..., queries, keys]`. A query that may see
   * none gets zeros.
   */
  readonly mask?: Operand;
  /** Whether query i sees keys 0 to i only; false by default. */
  readonly causal?: boolean;
  /** The factor of the scores; by default `1 / sqrt(features)`. */
  readonly scale?: number;
  /** What is done with the weights of the values, `[..., queries, keys]`, before they are used: dropout, for example. */
  readonly mapWeights?: (weights: Variable) => Variable;
}

/**
 * Scaled dot-product attention, `softmax(query key' / sqrt(features)) value`.
 * Source: Vaswani et al., https://arxiv.org/abs/1706.03762
 *
 * @param query `[..., queries, features]`
 * @param key `[..., keys, features]`
 * @param value `[..., keys, valueFeatures]`
 * @param options `mask`, `causal`, `scale`, `mapWeights`
 * @returns `[..., queries, valueFeatures]`, in the widest dtype
 * @throws {TypeError} If the shapes do not fit
 *
 * @example
 * ```ts
 * import { scaledDotProductAttention } from "@tapegrad/tapegrad";
 *
 * const x = [[1, 0], [0, 1]];
 * const y = scaledDotProductAttention(x, x, [[10], [20]], { causal: true });
 * console.log(y.value); // [[10], [16.697615493266568]]
 * ```
 */
export function scaledDotProductAttention(
  query: Operand,
  key: Operand,
  value: Operand,
  options?: AttentionOptions,
): Variable {
  const name = "scaledDotProductAttention";
  const { mask, causal, scale, mapWeights } = readOptions(name, options, {
    mask: undefined,
    causal: false,
    scale: undefined,
    mapWeights: undefined,
  });
  const mapped = mapWeights === undefined
    ? (weights: Variable) => weights
    : readFunction(name, "the option mapWeights", mapWeights);
  const [q, k, v] = readOperands(query, key, value);
  const [queries, features] = q.shape.slice(-2);
  const [keys, keyFeatures] = k.shape.slice(-2);
  if ([q, k, v].some(({ rank }) => rank < 2) || features !== keyFeatures || v.shape.at(-2) !== keys) {
    throw new TypeError(
      message`Cannot attend: query, key and value of shapes
      ${[q.shape, k.shape, v.shape]} do not fit, expected [..., queries, features], [...,
      keys, features] and [..., keys, valueFeatures]`,
    );
  }
  const scaled = q.mul(scale === undefined ? 1 / Math.sqrt(features!) : readNumber(name, "scale", scale));
  const scores = apply(op.matmul, [scaled, k], { transposeX: false, transposeY: true });
  const last = causal ? causalMask(queries!, keys!, scores.dtype) : undefined;
  if (mask === undefined) {
    const visible = last === undefined ? scores : last.where(scores, -Infinity);
    return mapped(visible.softmax()).matmul(v);
  }
  const given = toVariable(mask, scores.dtype);
  const allowed = last === undefined ? given : given.logicalAnd(last);
  // A finite score keeps rows that see nothing from NaN; the second choice makes them zeros.
  const visible = allowed.where(scores, scores.dtype === "float64" ? -1e300 : -1e38);
  if (visible.size !== scores.size) {
    throw new TypeError(
      message`Cannot attend: a mask of shape ${given.shape} does not broadcast to the
      scores' shape ${scores.shape}`,
    );
  }
  return mapped(allowed.where(visible.softmax(), 0)).matmul(v);
}

/** Ones where the key is not behind the query. */
function causalMask(queries: number, keys: number, dtype: Variable["dtype"]): Variable {
  const data = allocate(dtype, queries * keys);
  for (let i = 0; i < queries; i++) data.fill(1, i * keys, i * keys + Math.min(keys, i + 1));
  return toVariable(new NdArray(data, [queries, keys]));
}

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
