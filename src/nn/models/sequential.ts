import { message } from "../../_internal/message.ts";
import { checkDType, type DType } from "../../array/dtype.ts";
import type { Shape } from "../../array/shape.ts";
import type { Optimizer, OptimizerState } from "../../optim/mod.ts";
import { foldIn, type Key, key as makeKey } from "../../random/mod.ts";
import { compile, valueAndGrad } from "../../transforms/mod.ts";
import { constant, noGrad, type Operand, type Variable } from "../../variable/mod.ts";
import { activationOf } from "../activations.ts";
import { type Examples, readExamples, readLabels, splitExamples, takeBatch } from "../training/batches.ts";
import type { History, Logs } from "../training/history.ts";
import type { Layer, ModelParameters } from "../layers/layer.ts";
import { type Loss, lossOf } from "../losses.ts";
import { type Metric, metricsOf } from "../metrics.ts";
import {
  checkFitOptions,
  type CompileOptions,
  type FitOptions,
  optimizerOf,
  type SequentialOptions,
} from "../training/options.ts";
import { buildParameters, replaceParameters } from "./parameters.ts";
import { summarize } from "./summary.ts";
import { orderOf, toLogs, train, type TrainingRun } from "../training/loop.ts";

interface Compiled {
  readonly optimizer: Optimizer;
  readonly loss: Loss;
  readonly metrics: readonly Metric[];
  /** The loss, then the metrics. */
  readonly names: readonly string[];
  /** Whether it runs compiled; undefined for where that pays. */
  readonly compile: boolean | undefined;
  /** The loss with the last layer's scores, and their gradient by the parameters. */
  readonly lossAndGradient: StepFunction<[[value: Variable, scores: Variable], ModelParameters]>;
  /** The loss with the last layer's scores. */
  readonly lossOnly: StepFunction<[value: Variable, scores: Variable]>;
}

/** What is computed of a batch: eagerly, and compiled. */
interface StepFunction<R> {
  readonly eager: (parameters: ModelParameters, x: Variable, y: Variable) => R;
  readonly compiled: (parameters: ModelParameters, x: Variable, y: Variable) => R;
}

/** What a step costs beside its arithmetic, and what compiling costs, in multiplications done in the same time. */
const OPERATIONS_PER_STEP = 2e4;
const OPERATIONS_TO_COMPILE = 2e7;

/** A stack of layers with parameters, trained by gradient descent. Made with {@linkcode sequential}. */
export class Sequential {
  /** Its name. */
  readonly name: string;
  /** Its element type. */
  readonly dtype: DType;
  readonly #layers: Layer[] = [];
  readonly #key: Key;
  #parameters: ModelParameters | undefined;
  #shapes: readonly Shape[] = [];
  #compiled: Compiled | undefined;
  #state: OptimizerState | undefined;
  #epochsDone = 0;
  /** While a step of training runs in a model with random layers: where their randomness comes from. */
  #trainingKey: Key | undefined;
  readonly #apply = (parameters: ModelParameters, x: Variable): Variable => this.apply(parameters, x);
  readonly #predict = compile(this.#apply);

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
      throw new TypeError(
        message`Cannot add a layer to ${this.name}: the model has been built already; add
        layers before fit()`,
      );
    }
    this.#layers.push(layer);
    return this;
  }

  /**
   * Makes the start parameters, for examples of a shape (without the batch axis). `fit` does it by itself.
   *
   * @param inputShape The shape of one example; not needed if the first layer states it
   * @throws {TypeError} If there is no layer or shape, or a layer does not fit the one before
   */
  build(inputShape: Shape | undefined = this.#layers[0]?.inputShape): this {
    this.#last();
    if (inputShape === undefined) {
      throw new TypeError(
        message`Cannot build ${this.name}: the shape of an example is not known, pass it
        or state the first layer's inputShape`,
      );
    }
    const { parameters, shapes } = buildParameters(
      this.name,
      this.#layers,
      this.#key,
      inputShape,
      this.dtype,
    );
    this.#parameters = parameters;
    this.#shapes = shapes;
    this.#state = undefined;
    return this;
  }

  /** The parameters: for each layer its Variables by name. Throws a TypeError before `build`. */
  get parameters(): ModelParameters {
    if (this.#parameters !== undefined) return this.#parameters;
    throw new TypeError(
      message`Cannot use ${this.name}: it has no parameters yet, call build(inputShape) or
      fit() first`,
    );
  }

  /**
   * Replaces the parameters; the optimizer starts afresh.
   *
   * @param parameters For each layer, Variables or numbers by name; read in the model's dtype
   * @throws {TypeError} If a parameter is missing, unknown or of another shape
   */
  setParameters(parameters: readonly { readonly [name: string]: Operand }[]): void {
    this.#parameters = replaceParameters(this.name, this.parameters, parameters, this.dtype);
    this.#state = undefined;
  }

  /** The parameters as a list, layer by layer. */
  getWeights(): Variable[] {
    return this.parameters.flatMap((layer) => Object.values(layer));
  }

  /**
   * Replaces the parameters by a list in the order of {@linkcode getWeights}.
   *
   * @throws {TypeError} If there are too many or too few, or one has another shape
   */
  setWeights(weights: readonly Operand[]): void {
    const count = this.getWeights().length;
    if (weights.length !== count) {
      throw new TypeError(
        message`Cannot set the weights of ${this.name}: got ${weights.length} of them, it
        has ${count}`,
      );
    }
    let next = 0;
    this.setParameters(
      this.parameters.map((layer) =>
        Object.fromEntries(Object.keys(layer).map((name) => [name, weights[next++]!]))
      ),
    );
  }

  /**
   * Applies the model as a pure function of parameters, so that `grad` works over it.
   *
   * @param parameters Those of each layer, such as {@linkcode parameters}
   * @param x Examples `[batch, ...inputShape]`
   * @param trainingKey Makes layers such as dropout work as in training, by this key
   * @throws {TypeError} If there is no layer, or shapes do not fit
   */
  apply(parameters: ModelParameters, x: Variable, trainingKey?: Key): Variable {
    return activationOf(this.#last().activation)(this.#applyLinear(parameters, x, trainingKey));
  }

  #applyLinear(parameters: ModelParameters, x: Variable, trainingKey?: Key): Variable {
    const last = this.#layers.length - 1;
    return this.#layers.reduce((h, layer, i) => {
      const key = trainingKey !== undefined && layer.isRandom ? foldIn(trainingKey, i) : undefined;
      return i === last ? layer.applyLinear(parameters[i]!, h, key) : layer.apply(parameters[i]!, h, key);
    }, x);
  }

  /**
   * Says what to train with; the optimizer starts afresh.
   *
   * @throws {RangeError} If a name is unknown
   */
  compile(options: CompileOptions): void {
    const optimizer = optimizerOf(options.optimizer);
    const loss = lossOf(options.loss);
    const metrics = metricsOf(options.metrics ?? [], loss);
    const lossOnly = (parameters: ModelParameters, x: Variable, y: Variable): [Variable, Variable] => {
      const scores = this.#applyLinear(parameters, x, this.#trainingKey);
      return [loss.compute(scores, this.#last().activation, y), scores];
    };
    const differentiate = valueAndGrad as unknown as (
      f: typeof lossOnly,
      options: { hasAux: true },
    ) => Compiled["lossAndGradient"]["eager"];
    const lossAndGradient = differentiate(lossOnly, { hasAux: true });
    this.#compiled = {
      optimizer,
      loss,
      metrics,
      names: ["loss", ...metrics.map(({ name }) => name)],
      compile: options.compile ?? (typeof options.loss === "string" ? undefined : false),
      lossOnly: { eager: lossOnly, compiled: compile(lossOnly) },
      lossAndGradient: { eager: lossAndGradient, compiled: compile(lossAndGradient) },
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
   * @throws {RangeError} If an option or label is out of range, or the loss becomes NaN or infinite
   */
  async fit(x: Operand, y: Operand, options: FitOptions = {}): Promise<History> {
    checkFitOptions(options);
    this.#ready();
    const features = readExamples(this.name, x, this.dtype, this.#shapes[0]);
    if (this.#parameters === undefined) this.build(features.shape.slice(1));
    const all: Examples = { x: features, y: this.#readLabels(y, features) };
    const { validationData, validationSplit } = options;
    if (validationSplit !== undefined) {
      const { training, validation } = splitExamples(all, validationSplit);
      return await train(this.#makeRun(training, validation, options), options);
    }
    const validation = validationData === undefined ? undefined : this.#readExamples(...validationData);
    return await train(this.#makeRun(all, validation, options), options);
  }

  #makeRun(training: Examples, validation: Examples | undefined, options: FitOptions): TrainingRun {
    const { batchSize = 32, shuffle = true } = options;
    const { optimizer, metrics, names, lossAndGradient, compile } = this.#ready();
    const { activation } = this.#last();
    const rows = training.x.shape[0]!;
    // Compiled, all batches would drop what the first one drops.
    const isRandom = this.#layers.some((layer) => layer.isRandom);
    const batchRows = batchSize === "full" ? rows : Math.min(batchSize, rows);
    const steps = (options.epochs ?? 1) * Math.ceil(rows / batchRows);
    const pays = options.compile ?? compile ?? this.#paysToCompile(steps, 3 * batchRows);
    const step = !isRandom && pays ? lossAndGradient.compiled : lossAndGradient.eager;
    let epochKey = this.#key;
    const whole = batchSize === "full" || rows <= batchSize
      ? takeBatch(training, undefined, 0, rows)
      : undefined;
    let gradients: ModelParameters = [];
    return {
      model: this,
      rows,
      names,
      nextOrder: () => {
        epochKey = foldIn(this.#key, this.#epochsDone++);
        return shuffle && whole === undefined ? orderOf(epochKey, rows) : undefined;
      },
      measure: (order, start, end) => {
        const batch = whole ?? takeBatch(training, order, start, end);
        const run = (): ReturnType<typeof step> => step(this.parameters, batch.x, batch.y);
        const [[value, scores], found] = isRandom ? this.#withKey(foldIn(epochKey, start), run) : run();
        gradients = found;
        const labels = batch.y.toArray();
        const outputs = scores.toArray();
        return [
          value.item(),
          ...metrics.map((metric) => metric.compute(labels, outputs, activation)),
        ];
      },
      update: () => {
        this.#state ??= optimizer.init(this.parameters);
        const next = optimizer.update(gradients, this.#state, this.parameters);
        this.#parameters = next.parameters;
        this.#state = next.state;
      },
      validate: validation === undefined ? undefined : () => this.#measure(validation),
    };
  }

  /**
   * Whether as many steps on as many examples take longer than compiling, by a count of operations: shorter
   * work runs eagerly. It depends on nothing but shapes, so that the same training gives the same bits.
   */
  #paysToCompile(steps: number, examples: number): boolean {
    const weights = this.getWeights().reduce((sum, w) => sum + w.size, 0);
    return steps * (OPERATIONS_PER_STEP + 2 * examples * weights) > OPERATIONS_TO_COMPILE;
  }

  /** Runs a step with random layers working as in training. */
  #withKey<R>(key: Key, run: () => R): R {
    this.#trainingKey = key;
    try {
      return run();
    } finally {
      this.#trainingKey = undefined;
    }
  }

  /** The loss and the metrics, without recording. */
  #measure({ x, y }: Examples): number[] {
    const { metrics, lossOnly, compile } = this.#ready();
    const { activation } = this.#last();
    const step = compile ?? this.#paysToCompile(1, x.shape[0]!) ? lossOnly.compiled : lossOnly.eager;
    return noGrad(() => {
      const [value, scores] = step(this.parameters, constant(x), constant(y));
      const outputs = scores.toArray();
      return [
        value.item(),
        ...metrics.map((metric) => metric.compute(y, outputs, activation)),
      ];
    });
  }

  /**
   * Measures loss (and metrics, where compiled in) on examples and labels.
   *
   * @param x Examples, `[rows, ...]`; read in the model's dtype
   * @param y Labels, `[rows]` or in the shape of the model's output
   * @returns `{ loss, accuracy }`
   * @throws {TypeError} If the model is not compiled or built, or shapes do not fit
   * @throws {RangeError} If a label is out of range
   */
  evaluate(x: Operand, y: Operand): Logs {
    const { names } = this.#ready();
    return toLogs(names, this.#measure(this.#readExamples(x, y)), "");
  }

  /**
   * The model's output for examples `[rows, ...]`.
   *
   * @throws {TypeError} If the model is not built, or the shape does not fit
   */
  predict(x: Operand): Variable {
    const { parameters } = this;
    const features = readExamples(this.name, x, this.dtype, this.#shapes[0]);
    const pays = this.#compiled?.compile ?? this.#paysToCompile(1, features.shape[0]!);
    const predict = pays ? this.#predict : this.#apply;
    return noGrad(() => predict(parameters, constant(features)));
  }

  /** Layers, output shapes and numbers of parameters, as a table. Throws a TypeError before `build`. */
  summary(): string {
    return summarize(`${this.name} (${this.dtype})`, this.#layers, this.#shapes, this.parameters);
  }

  #last(): Layer {
    const last = this.#layers.at(-1);
    if (last !== undefined) return last;
    throw new TypeError(message`Cannot use ${this.name}: it has no layers, add one`);
  }

  #ready(): Compiled {
    if (this.#compiled !== undefined) return this.#compiled;
    throw new TypeError(
      message`Cannot train or evaluate ${this.name}: call compile({ optimizer, loss })
      first`,
    );
  }

  #readExamples(x: Operand, y: Operand): Examples {
    void this.parameters; // says so if the model is not built
    const features = readExamples(this.name, x, this.dtype, this.#shapes[0]);
    return { x: features, y: this.#readLabels(y, features) };
  }

  #readLabels(y: Operand, features: Examples["x"]): Examples["y"] {
    const labels = readLabels(this.name, y, this.dtype, features);
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
