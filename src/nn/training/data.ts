import { message } from "../../_internal/message.ts";
import { describeValue } from "../../_internal/format.ts";
import { isPlainObject } from "../../_internal/containers.ts";
import { allocate, type DType } from "../../array/dtype.ts";
import { arrayFrom, NdArray } from "../../array/nd_array.ts";
import type { Shape } from "../../array/shape.ts";
import { type Operand, type Tree, Variable } from "../../variable/mod.ts";
import { describeExampleShape, fitsExample, namedLeaves, partsLike, type TensorSpec } from "../core/spec.ts";
import type { OutputPlan } from "./compile_options.ts";

/** Examples as arrays: the inputs and labels of a model in order, and how much each example counts. */
export interface Examples {
  readonly x: readonly NdArray[];
  readonly y: readonly NdArray[];
  readonly weights: NdArray | undefined;
  readonly rows: number;
}

/** What data are read for. */
export interface DataPlan {
  /** The model's name, for messages. */
  readonly title: string;
  readonly dtype: DType;
  readonly inputs: Tree<TensorSpec>;
  readonly outputs: Tree<TensorSpec>;
  /** The shapes of outputs for examples of some shapes, where lengths of inputs vary. */
  readonly shapesFor?: ((examples: readonly Shape[]) => readonly Shape[]) | undefined;
}

/** Factors for classes, by their numbers. */
export type ClassWeight = { readonly [label: number]: number };

/**
 * Reads numbers in a dtype.
 *
 * @throws {TypeError} If they are no numbers
 */
export function readArray(value: unknown, dtype: DType): NdArray {
  return anyArray(value).cast(dtype);
}

/** Reads numbers in the dtype that they have. */
function anyArray(value: unknown): NdArray {
  return value instanceof Variable ? value.toArray() : arrayFrom(value as NdArray);
}

/**
 * Reads the inputs of a model.
 *
 * @param fewest The least number of rows
 * @throws {TypeError} If they are no numbers, have the wrong shape, or different numbers of rows
 */
export function readInputs(plan: Omit<DataPlan, "outputs">, x: unknown, fewest = 1): NdArray[] {
  const specs = namedLeaves(plan.inputs);
  const parts = partsLike(`the input of ${plan.title}`, plan.inputs, x);
  const arrays = parts.map((part, i) => {
    const { name, leaf } = specs[i]!;
    const array = readArray(part, plan.dtype);
    const what = name === "" ? plan.title : `${plan.title} (${name})`;
    const [rows] = array.shape;
    const expected = [rows ?? 0, ...leaf.axes];
    if (rows === undefined || !fitsExample(expected, array.shape)) {
      throw new TypeError(
        message`Cannot feed ${what} an array of shape ${array.shape}: it takes ${
          describeExampleShape(expected)
        }`,
      );
    }
    if (rows < fewest) {
      throw new TypeError(
        message`Cannot feed ${what} an array of shape ${array.shape}: expected [rows, ...], one row at least`,
      );
    }
    return array;
  });
  const rows = arrays[0]?.shape[0];
  if (arrays.some((array) => array.shape[0] !== rows)) {
    throw new TypeError(
      message`Cannot feed ${plan.title} arrays of shapes ${
        arrays.map(({ shape }) => shape)
      }: the numbers of rows differ`,
    );
  }
  return arrays;
}

/**
 * The shapes of examples, for a model that is yet to be built.
 *
 * @throws {TypeError} If they are no numbers, or have no rows
 */
export function shapeOfExamples(title: string, x: unknown): readonly number[] {
  if (isPlainObject(x)) {
    throw new TypeError(message`Cannot build ${title} from an object: it takes one array`);
  }
  const array = anyArray(x);
  if (array.shape.length === 0 || array.size === 0) {
    throw new TypeError(message`Cannot feed ${title} an array of shape ${array.shape}: expected [rows, ...]`);
  }
  return array.shape.slice(1);
}

/**
 * Reads inputs with labels and weights.
 *
 * @throws {TypeError} If shapes do not fit
 * @throws {RangeError} If a label is out of range
 */
export function readExamples(
  plan: DataPlan,
  plans: readonly OutputPlan[],
  x: unknown,
  y: unknown,
  sampleWeight: Operand | undefined,
  classWeight: ClassWeight | undefined,
): Examples {
  const inputs = readInputs(plan, x);
  const rows = inputs[0]!.shape[0]!;
  const shapes = plan.shapesFor?.(inputs.map(({ shape }) => shape.slice(1))) ??
    namedLeaves(plan.outputs).map(({ leaf }) => leaf.shape);
  const labels = partsLike(`the labels for ${plan.title}`, plan.outputs, y).map((part, i) => {
    const array = readArray(part, plan.dtype);
    if (array.shape[0] !== rows) {
      throw new TypeError(
        message`Cannot feed ${plan.title} examples of shape ${
          inputs[0]!.shape
        } with labels of shape ${array.shape}:
        the numbers of rows differ`,
      );
    }
    return plans[i]!.loss.readLabels(array, shapes[i]!);
  });
  const weights = joinWeights(
    readSampleWeight(plan, rows, sampleWeight),
    classWeight === undefined ? undefined : weightsByClass(plan, labels, classWeight),
  );
  return { x: inputs, y: labels, weights, rows };
}

function readSampleWeight(plan: DataPlan, rows: number, weights: Operand | undefined): NdArray | undefined {
  if (weights === undefined) return undefined;
  const array = readArray(weights, plan.dtype);
  if (array.shape.length !== 1 || array.shape[0] !== rows) {
    throw new TypeError(
      message`Cannot weigh the examples of ${plan.title}: the weights have shape ${array.shape}, expected [${rows}]`,
    );
  }
  const wrong = array.data.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (wrong < 0) return array;
  throw new RangeError(
    message`Cannot weigh example ${wrong} of ${plan.title} by ${
      String(array.data[wrong])
    }: use finite numbers from 0 up`,
  );
}

/** The weight of each example by its class: the label, or where the largest of its labels stands. */
function weightsByClass(
  { title, dtype }: DataPlan,
  labels: readonly NdArray[],
  weights: ClassWeight,
): NdArray {
  const [classes] = labels;
  if (labels.length !== 1 || classes === undefined || classes.shape.length > 2) {
    throw new TypeError(
      message`Cannot weigh classes of ${title}: its labels are no classes, pass sampleWeight`,
    );
  }
  checkClassWeight(title, weights);
  const rows = classes.shape[0]!;
  const width = classes.size / rows;
  const found = allocate(dtype, rows);
  for (let row = 0; row < rows; row++) {
    const own = classes.data.subarray(row * width, (row + 1) * width);
    const label = width === 1 ? own[0]! : own.indexOf(Math.max(...own));
    found[row] = weights[label] ?? 1;
  }
  return new NdArray(found);
}

function checkClassWeight(title: string, weights: ClassWeight): void {
  const entries = isPlainObject(weights) ? Object.entries(weights) : [];
  const wrong = entries.find(([label, weight]) =>
    !Number.isFinite(Number(label)) || !(typeof weight === "number" && weight >= 0 && weight < Infinity)
  );
  if (entries.length > 0 && wrong === undefined) return;
  throw new TypeError(
    message`Cannot weigh classes of ${title}: classWeight is ${
      wrong === undefined ? describeValue(weights) : `${wrong[0]}: ${String(wrong[1])}`
    }, use finite numbers from 0 up by the numbers of classes, such as { 0: 1, 1: 5 }`,
  );
}

function joinWeights(a: NdArray | undefined, b: NdArray | undefined): NdArray | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return new NdArray(a.data.map((weight, i) => weight * b.data[i]!), a.shape);
}

/**
 * Takes a share of the rows off the end.
 *
 * @throws {RangeError} If either part would be empty
 */
export function splitExamples(
  examples: Examples,
  share: number,
): { readonly training: Examples; readonly validation: Examples } {
  const { rows } = examples;
  const at = rows - Math.round(rows * share);
  if (at < 1 || at === rows) {
    throw new RangeError(
      message`Cannot train: validationSplit is ${share}, which leaves ${at} of ${rows} examples to train on and
      ${rows - at} to measure on`,
    );
  }
  return { training: sliceExamples(examples, 0, at), validation: sliceExamples(examples, at, rows) };
}

/** Rows `from` to `to`, sharing the buffers. */
export function sliceExamples({ x, y, weights, rows }: Examples, from: number, to: number): Examples {
  if (from === 0 && to === rows) return { x, y, weights, rows };
  return {
    x: x.map((array) => rowsOf(array, from, to)),
    y: y.map((array) => rowsOf(array, from, to)),
    weights: weights === undefined ? undefined : rowsOf(weights, from, to),
    rows: to - from,
  };
}

/** Rows of an array, sharing the buffer. */
export function rowsOf(x: NdArray, from: number, to: number): NdArray {
  const width = x.size / (x.shape[0] || 1);
  return new NdArray(x.data.subarray(from * width, to * width), [to - from, ...x.shape.slice(1)]);
}

/** Data of other kinds than arrays: datasets, and iterables of batches. */
export type BatchIterable = AsyncIterable<unknown> | Iterable<unknown>;

/** Whether a value is a source of batches rather than an array. */
export function isBatchIterable(value: unknown): value is BatchIterable {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof Variable) return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}

/** One batch as it comes out of an iterable: `[x, y]`, `[x, y, weights]`, or an object with these. */
export function readBatch(title: string, batch: unknown): { x: unknown; y: unknown; weights?: Operand } {
  if (Array.isArray(batch) && (batch.length === 2 || batch.length === 3)) {
    return { x: batch[0], y: batch[1], weights: batch[2] };
  }
  if (isPlainObject(batch)) {
    const x = batch["x"] ?? batch["features"];
    const y = batch["y"] ?? batch["labels"];
    if (x !== undefined && y !== undefined) return { x, y, weights: batch["weights"] as Operand };
  }
  throw new TypeError(
    message`Cannot feed ${title} a batch that is ${describeValue(batch)}: use [x, y], [x, y, weights] or
    { x, y, weights }`,
  );
}
