import { describeValue, formatShape } from "../_internal/format.ts";
import { checkDType, type DType } from "../array/dtype.ts";
import { gatherArray } from "../array/move.ts";
import { arrayFrom, NdArray } from "../array/nd_array.ts";
import { type Shape, sizeOf } from "../array/shape.ts";
import { adam, type Optimizer, type OptimizerState, rmsprop, sgd } from "../optim/mod.ts";
import { foldIn, type Key, key as makeKey, permutation, split } from "../random/mod.ts";
import { valueAndGrad } from "../transforms/mod.ts";
import { constant, noGrad, type Operand, Variable } from "../variable/mod.ts";
import { activationOf } from "./activations.ts";
import type { Callbacks, History, Logs } from "./history.ts";
import type { Layer, LayerParameters } from "./layers.ts";
import { accuracy, type Loss, type LossFunction, type LossName, lossOf } from "./losses.ts";

/** The parameters of a model: those of each layer. */
export type ModelParameters = readonly LayerParameters[];

/** Options of {@linkcode sequential}. */
export interface SequentialOptions {
  /** Shown in the summary. */
  readonly name?: string;
  /** The same seed gives the same start weights and shuffles; 0 by default. */
  readonly seed?: number;
  /** float32 by default. */
  readonly dtype?: DType;
}

/** What a model is trained with. */
export interface CompileOptions {
  /** An optimizer, or the name of one with its defaults. */
  readonly optimizer: Optimizer | "sgd" | "adam" | "rmsprop";
  /** The name of a loss, or a function `(labels, predictions) => Variable`. */
  readonly loss: LossName | LossFunction;
  /** What else is measured. */
  readonly metrics?: readonly "accuracy"[];
}

/** How a model is trained. */
export interface FitOptions {
  /** How many times to go through the data; 1 by default. */
  readonly epochs?: number;
  /** Examples in each step, 32 by default; `Infinity` for all. */
  readonly batchSize?: number;
  /** Examples and labels to measure on after each epoch. */
  readonly validationData?: readonly [Operand, Operand];
  /** Whether the examples are put in a new order each epoch; true by default. */
  readonly shuffle?: boolean;
  /** Called before and after epochs. */
  readonly callbacks?: Callbacks | readonly Callbacks[];
  /** 1 prints a line per epoch, 0 (the default) nothing. */
  readonly verbose?: 0 | 1;
}

interface Compiled {
  readonly optimizer: Optimizer;
  readonly loss: Loss;
  readonly wantAccuracy: boolean;
}

/** A stack of layers with parameters, trained by gradient descent. Made with {@linkcode sequential}. */
export class Sequential {
  /** Its name. */
  readonly name: string;
  /** Its element type. */
  readonly dtype: DType;
  readonly #layers: Layer[] = [];
  readonly #key: Key;
  #parameters: ModelParameters | undefined;
  #shapes: Shape[] = [];
  #compiled: Compiled | undefined;
  #state: OptimizerState | undefined;
  #epochsDone = 0;

  /** @internal Use `sequential`. */
  constructor(
    layers: readonly Layer[],
    { name = "sequential", seed = 0, dtype = "float32" }: SequentialOptions,
  ) {
    this.name = name;
    this.dtype = checkDType(dtype);
    this.#key = makeKey(seed);
    layers.forEach((layer) => this.add(layer));
  }

  /**
   * Puts a layer on top.
   *
   * @throws {TypeError} If the model has been built already
   */
  add(layer: Layer): this {
    if (this.#parameters !== undefined) {
      throw new TypeError("Cannot add a layer: the model has been built already; add layers before fit()");
    }
    this.#layers.push(layer);
    return this;
  }

  /**
   * Makes the start parameters, for examples of a shape (without the batch axis). `fit` does it by itself.
   *
   * @throws {TypeError} If there is no layer, or a layer does not fit the one before
   */
  build(inputShape: Shape): this {
    if (this.#layers.length === 0) throw new TypeError("Cannot build the model: it has no layers, add one");
    const keys = split(this.#key, this.#layers.length);
    const parameters: LayerParameters[] = [];
    const shapes: Shape[] = [inputShape];
    this.#layers.forEach((layer, i) => {
      const shape = shapes[i]!;
      if (layer.inputShape !== undefined && formatShape(layer.inputShape) !== formatShape(shape)) {
        throw new TypeError(
          `Cannot build layer ${i}: it states inputShape ${formatShape(layer.inputShape)}, it gets ${
            formatShape(shape)
          }`,
        );
      }
      const made = layer.init(keys[i]!, shape, this.dtype);
      parameters.push(made.parameters);
      shapes.push(made.outputShape);
    });
    this.#parameters = parameters;
    this.#shapes = shapes;
    this.#state = undefined;
    return this;
  }

  /** The parameters: for each layer its Variables by name. Throws a TypeError before `build`. */
  get parameters(): ModelParameters {
    return this.#built().parameters;
  }

  /**
   * Replaces the parameters.
   *
   * @param parameters For each layer, Variables or numbers by name; read in the model's dtype
   * @throws {TypeError} If a parameter is missing or has another shape
   */
  setParameters(parameters: readonly { readonly [name: string]: Operand }[]): void {
    const { parameters: old } = this.#built();
    this.#parameters = old.map((layer, i) =>
      Object.fromEntries(
        Object.entries(layer).map(([name, was]) => {
          const value = parameters[i]?.[name];
          const shape = value === undefined ? undefined : constant(value).shape;
          if (value === undefined || formatShape(shape!) !== formatShape(was.shape)) {
            throw new TypeError(
              `Cannot set ${name} of layer ${i}: expected shape ${formatShape(was.shape)}, got ` +
                (shape === undefined ? "nothing" : formatShape(shape)),
            );
          }
          return [name, constant(value, { dtype: this.dtype, name })];
        }),
      )
    );
    this.#state = undefined;
  }

  /** Applies the model as a pure function of parameters, so that `grad` works over it. */
  apply(parameters: ModelParameters, x: Variable): Variable {
    const last = this.#layers.at(-1)!;
    return activationOf(last.activation)(this.#applyLinear(parameters, x));
  }

  #applyLinear(parameters: ModelParameters, x: Variable): Variable {
    const last = this.#layers.length - 1;
    return this.#layers.reduce(
      (h, layer, i) => i === last ? layer.applyLinear(parameters[i]!, h) : layer.apply(parameters[i]!, h),
      x,
    );
  }

  /**
   * Says what to train with.
   *
   * @throws {RangeError} If a name is unknown
   */
  compile({ optimizer, loss, metrics = [] }: CompileOptions): void {
    const unknown = metrics.find((metric) => metric !== "accuracy");
    if (unknown !== undefined) {
      throw new RangeError(`Unknown metric: ${describeValue(unknown)}, use "accuracy"`);
    }
    this.#compiled = {
      optimizer: optimizerOf(optimizer),
      loss: lossOf(loss),
      wantAccuracy: metrics.length > 0,
    };
    this.#state = undefined;
  }

  /**
   * Trains the model. The loss of an epoch is the mean over its batches, each taken before its update.
   *
   * @param x Examples, `[rows, ...]`; read in the model's dtype
   * @param y Labels, `[rows]` or in the shape of the model's output
   * @param options Epochs, batch size, validation, callbacks
   * @returns The loss, and what else is measured, for each epoch
   * @throws {TypeError} If the model is not compiled, or shapes do not fit
   * @throws {RangeError} If an option is out of range
   */
  async fit(x: Operand, y: Operand, options: FitOptions = {}): Promise<History> {
    const { epochs = 1, batchSize = 32, shuffle = true, verbose = 0, validationData } = options;
    checkCount("epochs", epochs);
    if (batchSize !== Infinity) checkCount("batchSize", batchSize);
    const { optimizer, loss, wantAccuracy } = this.#ready();
    const features = this.#read(x);
    if (this.#parameters === undefined) this.build(features.shape.slice(1));
    const labels = this.#prepareLabels(features, y);
    const rows = features.shape[0]!;
    const callbacks = [options.callbacks ?? []].flat() as Callbacks[];
    const activation = this.#layers.at(-1)!.activation;
    const step = valueAndGrad((parameters: ModelParameters, inputs: Variable, targets: Variable) => {
      const linear = this.#applyLinear(parameters, inputs);
      return [loss.compute(linear, activation, targets), linear] as const;
    }, { hasAux: true });
    const whole = rows <= batchSize ? { x: constant(features), y: constant(labels) } : undefined;
    const history: History = { epoch: [], history: {} };
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const callback of callbacks) {
        const pending = callback.onEpochBegin?.(epoch);
        if (pending instanceof Promise) await pending;
      }
      let lossSum = 0;
      let rightSum = 0;
      const order = whole !== undefined || !shuffle
        ? undefined
        : permutation(foldIn(this.#key, this.#epochsDone), rows);
      for (let start = 0; start < rows; start += batchSize) {
        const batch = whole ?? takeBatch(features, labels, order, start, Math.min(rows, start + batchSize));
        const parameters = this.#parameters!;
        const [[value, linear], gradients] = step(parameters, batch.x, batch.y);
        this.#state ??= optimizer.init(parameters);
        const next = optimizer.update(gradients as ModelParameters, this.#state, parameters);
        this.#parameters = next.parameters;
        this.#state = next.state;
        const count = batch.x.shape[0]!;
        lossSum += (value as Variable).item() * count;
        if (wantAccuracy) rightSum += accuracy(batch.y.toArray(), linear.toArray(), activation) * count;
        if (whole !== undefined) break;
      }
      this.#epochsDone++;
      const logs: Logs = { loss: lossSum / rows };
      if (wantAccuracy) logs["accuracy"] = rightSum / rows;
      if (validationData !== undefined) {
        const measured = this.evaluate(...validationData);
        logs["valLoss"] = measured["loss"]!;
        if (wantAccuracy) logs["valAccuracy"] = measured["accuracy"]!;
      }
      history.epoch.push(epoch);
      for (const [name, value] of Object.entries(logs)) (history.history[name] ??= []).push(value);
      if (verbose === 1) {
        const text = Object.entries(logs).map(([name, value]) => `${name} ${value.toFixed(4)}`).join("  ");
        console.log(`Epoch ${epoch + 1}/${epochs}  ${text}`);
      }
      let stop = false;
      for (const callback of callbacks) {
        const pending = callback.onEpochEnd?.(epoch, logs);
        if ((pending instanceof Promise ? await pending : pending) === false) stop = true;
      }
      if (stop) break;
    }
    return history;
  }

  /**
   * Measures loss (and accuracy, where compiled in) on examples and labels.
   *
   * @throws {TypeError} If the model is not compiled or built, or shapes do not fit
   */
  evaluate(x: Operand, y: Operand): Logs {
    const { loss, wantAccuracy } = this.#ready();
    const { parameters } = this.#built();
    const features = this.#read(x);
    const labels = this.#prepareLabels(features, y);
    const activation = this.#layers.at(-1)!.activation;
    return noGrad(() => {
      const linear = this.#applyLinear(parameters, constant(features));
      const logs: Logs = { loss: loss.compute(linear, activation, constant(labels)).item() };
      if (wantAccuracy) logs["accuracy"] = accuracy(labels, linear.toArray(), activation);
      return logs;
    });
  }

  /**
   * The model's output for examples `[rows, ...]`.
   *
   * @throws {TypeError} If the model is not built, or the shape does not fit
   */
  predict(x: Operand): Variable {
    const { parameters } = this.#built();
    const features = this.#read(x);
    return noGrad(() => this.apply(parameters, constant(features)));
  }

  /** Layers, output shapes and numbers of parameters, as a table. */
  summary(): string {
    const { parameters, shapes } = this.#built();
    const counts = parameters.map((layer) => Object.values(layer).reduce((n, p) => n + p.size, 0));
    const table = [
      ["layer", "output shape", "activation", "parameters"],
      ...this.#layers.map((layer, i) => [
        layer.name ?? `${layer.kind}_${i + 1}`,
        formatShape(["batch", ...shapes[i + 1]!] as never),
        layer.activation,
        String(counts[i]),
      ]),
    ];
    const widths = table[0]!.map((_, k) => Math.max(...table.map((row) => row[k]!.length)));
    const lines = table.map((row) => row.map((cell, k) => cell.padEnd(widths[k]!)).join("  ").trimEnd());
    return [
      `${this.name} (${this.dtype})`,
      ...lines,
      `total parameters: ${counts.reduce((a, b) => a + b, 0)}`,
    ].join("\n");
  }

  #ready(): Compiled {
    if (this.#compiled !== undefined) return this.#compiled;
    throw new TypeError("Cannot train or evaluate the model: call compile({ optimizer, loss }) first");
  }

  #built(): { parameters: ModelParameters; shapes: Shape[] } {
    if (this.#parameters === undefined) {
      throw new TypeError(
        "Cannot use the model: it has no parameters yet, call build(inputShape) or fit() first",
      );
    }
    return { parameters: this.#parameters, shapes: this.#shapes };
  }

  #read(x: Operand): NdArray {
    const array = (x instanceof Variable ? x.toArray() : arrayFrom(x)).cast(this.dtype);
    const expected = this.#parameters === undefined ? undefined : this.#shapes[0];
    if (array.shape.length === 0 || sizeOf(array.shape) === 0) {
      throw new TypeError(
        `Cannot feed the model an array of shape ${formatShape(array.shape)}: expected [rows, ...]`,
      );
    }
    if (expected !== undefined && formatShape(array.shape.slice(1)) !== formatShape(expected)) {
      throw new TypeError(
        `Cannot feed the model an array of shape ${formatShape(array.shape)}: ` +
          `it takes ${formatShape([array.shape[0]!, ...expected])}`,
      );
    }
    return array;
  }

  #prepareLabels(features: NdArray, y: Operand): NdArray {
    const labels = (y instanceof Variable ? y.toArray() : arrayFrom(y)).cast(this.dtype);
    if (labels.shape[0] !== features.shape[0]) {
      throw new TypeError(
        `Cannot pair examples of shape ${formatShape(features.shape)} with labels of shape ` +
          `${formatShape(labels.shape)}: the numbers of rows differ`,
      );
    }
    return this.#ready().loss.prepare(labels, this.#shapes.at(-1)!);
  }
}

/**
 * Makes a model of layers, one on top of the other.
 *
 * @param layers From the input to the output; more can be added with `add`
 * @param options Name, seed, dtype
 * @throws {RangeError} If the seed is not an integer from 0 up
 *
 * @example
 * ```ts
 * import { dense, sequential } from "@tapegrad/tapegrad/nn";
 * import { sgd } from "@tapegrad/tapegrad/optim";
 *
 * const model = sequential([dense({ units: 1, activation: "sigmoid" })]);
 * model.compile({ optimizer: sgd({ learningRate: 1 }), loss: "binaryCrossentropy" });
 * const { history } = await model.fit([[0], [1], [2], [3]], [0, 0, 1, 1], { epochs: 50 });
 * console.log(history["loss"]!.at(-1)! < history["loss"]![0]!); // true
 * ```
 */
export function sequential(layers: readonly Layer[] = [], options: SequentialOptions = {}): Sequential {
  return new Sequential(layers, options);
}

function optimizerOf(optimizer: CompileOptions["optimizer"]): Optimizer {
  if (optimizer === "sgd") return sgd();
  if (optimizer === "adam") return adam();
  if (optimizer === "rmsprop") return rmsprop();
  if (typeof optimizer === "object" && typeof optimizer?.update === "function") return optimizer;
  throw new RangeError(
    `Unknown optimizer: ${describeValue(optimizer)}, use sgd(), adam(), rmsprop() or their names`,
  );
}

function checkCount(name: string, value: number): void {
  if (!(Number.isInteger(value) && value >= 1)) {
    throw new RangeError(`Cannot train: ${name} is ${value}, use an integer from 1 up`);
  }
}

function takeBatch(
  features: NdArray,
  labels: NdArray,
  order: Uint32Array | undefined,
  start: number,
  end: number,
): { x: Variable; y: Variable } {
  const rows = new NdArray(
    Float64Array.from({ length: end - start }, (_, i) => order?.[start + i] ?? start + i),
  );
  return { x: constant(gatherArray(features, rows, 0)), y: constant(gatherArray(labels, rows, 0)) };
}
