import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { checkOptions, readShape, readText } from "../../_internal/readers/mod.ts";
import type { DType } from "../../array/dtype.ts";
import { sameShape, type Shape, sizeOf } from "../../array/shape.ts";
import type { Weights } from "../../optim/mod.ts";
import { foldIn, type Key } from "../../random/mod.ts";
import { tape } from "../../tape/mod.ts";
import { constant, flattenTree, type Tree, Variable } from "../../variable/mod.ts";
import { type Constraint, constraintOf } from "../constraints.ts";
import { type InitializerArgument, initializerOf } from "../initializers.ts";
import { regularizerOf } from "../regularizers.ts";
import type { Context, ParameterOptions } from "./context.ts";
import type { AnyLayer, Layer } from "./layer.ts";
import { hashText } from "./hash.ts";
import { checkName, nextName } from "./names.ts";
import { passMask } from "./notes.ts";
import { sourceFor, type WeightSource } from "./sources.ts";
import { valuesOfShape } from "./values_of_shape.ts";

/** How a layer is run. */
export interface RunOptions {
  /** Whether parameters are there, are made, or only have shapes. */
  readonly mode: "apply" | "initialize" | "shapes";
  readonly training?: boolean;
  /** Where random numbers come from; a function is asked when the first ones are drawn. */
  readonly key?: Key | null | (() => Key);
  readonly dtype?: DType;
  readonly parameters?: Weights;
  readonly state?: Weights;
  /** Whether a layer is trained; by default as it says itself. */
  readonly isTrainable?: (layer: AnyLayer) => boolean;
  /** Whose own weights are to be made afresh. */
  readonly owner?: object;
  /** How many numbers all weights together may have; without end by default. */
  readonly mostNumbers?: number;
}

/** One run of a layer and of those in it: what they asked for, and what they told. */
export class Run {
  readonly mode: RunOptions["mode"];
  readonly training: boolean;
  readonly #key: () => Key | null;
  readonly dtype: DType;
  readonly isTrainable: (layer: AnyLayer) => boolean;
  readonly owner: object | undefined;
  #numbersLeft: number;
  /** By path; filled while initializing. */
  readonly parameters: Record<string, Variable>;
  readonly state: Record<string, Variable>;
  /** What states are after the run. */
  readonly updates: Record<string, Variable> = {};
  readonly losses: Variable[] = [];
  /** What is applied to parameters after an update. */
  readonly constraints: Map<string, Constraint> = new Map();
  /** The layers that lead to each parameter: it is trained if all of them are. */
  readonly chains: Map<string, readonly AnyLayer[]> = new Map();
  /** Where each layer stands: called again, it has the same path. */
  readonly paths: Map<AnyLayer, string> = new Map();
  /** The shapes of what each path gave last. */
  readonly shapes: Map<string, readonly Shape[]> = new Map();
  /** How many keys each path has asked for. */
  readonly requests: Map<string, number> = new Map();
  readonly depth: number = tape.depth;

  constructor(options: RunOptions) {
    this.mode = options.mode;
    this.training = options.training ?? false;
    const { key = null } = options;
    let made: Key | null | undefined = typeof key === "function" ? undefined : key;
    this.#key = () => made === undefined && typeof key === "function" ? made = key() : made ?? null;
    this.dtype = options.dtype ?? "float32";
    this.isTrainable = options.isTrainable ?? ((layer) => layer.trainable);
    this.owner = options.owner;
    this.#numbersLeft = options.mostNumbers ?? Infinity;
    this.parameters = { ...options.parameters };
    this.state = { ...options.state };
  }

  /**
   * Takes note of a weight that is about to be made.
   *
   * @throws {RangeError} If there are more numbers than there may be
   */
  reserve(path: string, shape: Shape): void {
    this.#numbersLeft -= sizeOf(shape);
    if (this.#numbersLeft >= 0) return;
    throw new RangeError(message`Cannot make ${path} of shape ${shape}: the weights have too many numbers`);
  }

  /** Where random numbers come from. */
  get key(): Key | null {
    return this.#key();
  }

  /** Calls the outermost layer, whose path is empty. */
  start<I, O>(layer: Layer<I, O>, x: I): O {
    return this.enter(layer, x, "", []);
  }

  /** Calls a layer at a path. */
  enter<I, O>(layer: Layer<I, O>, x: I, path: string, outer: readonly LayerContext[]): O {
    const any = layer as unknown as AnyLayer;
    checkLayer(any);
    this.paths.set(any, path);
    const context = new LayerContext(this, any, path, outer);
    const output = layer.call(x, context);
    context.finish();
    const variables = (tree: unknown): Variable[] =>
      flattenTree(tree as Tree<unknown>).filter((leaf) => leaf instanceof Variable);
    const results = variables(output);
    passMask(variables(x), results);
    if (this.mode !== "apply") this.shapes.set(path, results.map(({ shape }) => shape));
    return output;
  }
}

function checkLayer(layer: unknown): void {
  const { kind } = (typeof layer === "object" && layer !== null ? layer : {}) as Partial<AnyLayer>;
  if (typeof kind === "string") return;
  throw new TypeError(
    message`Cannot call ${
      describeValue(layer)
    } as a layer: pass what a factory such as dense() or sequential() gave`,
  );
}

/** What one call of a layer gets. */
class LayerContext implements Context {
  readonly training: boolean;
  readonly trainable: boolean;
  readonly dtype: DType;
  readonly layer: AnyLayer;
  readonly #run: Run;
  readonly #path: string;
  readonly #chain: readonly LayerContext[];
  readonly #source: WeightSource | undefined;
  readonly #taken = new Map<string, AnyLayer>();
  readonly #updates: Record<string, Variable> = {};

  constructor(run: Run, layer: AnyLayer, path: string, outer: readonly LayerContext[]) {
    this.#run = run;
    this.layer = layer;
    this.#path = path;
    this.#chain = [...outer, this];
    this.training = run.training;
    this.trainable = (outer.at(-1)?.trainable ?? true) && run.isTrainable(layer);
    this.dtype = run.dtype;
    const above = outer.at(-1);
    this.#source = run.mode === "initialize"
      ? sourceFor(layer, run.owner) ?? (above === undefined ? undefined : above.#sourceOf(path))
      : undefined;
  }

  parameter(
    name: string,
    shape: Shape,
    initializer: InitializerArgument = "glorotUniform",
    options?: ParameterOptions,
  ): Variable {
    checkOptions("parameter()", options, ["regularizer", "constraint"]);
    const { regularizer, constraint } = options ?? {};
    const run = this.#run;
    const path = this.#join(name);
    const value = this.#weight("parameter", run.parameters, path, shape, initializer);
    if (run.chains.has(path)) return value;
    run.chains.set(path, this.#chain.map(({ layer }) => layer));
    if (run.mode !== "apply") return value;
    if (constraint !== undefined) run.constraints.set(path, constraintOf(constraint));
    if (regularizer !== undefined && this.trainable) run.losses.push(regularizerOf(regularizer)(value));
    return value;
  }

  state(name: string, shape: Shape, initializer: InitializerArgument = "zeros"): Variable {
    const path = this.#join(name);
    return this.#run.updates[path] ?? this.#weight("state", this.#run.state, path, shape, initializer);
  }

  update(name: string, value: Variable): void {
    const path = this.#join(name);
    this.#guard(`update ${name}`);
    checkValue(`update ${path}`, value);
    const before = this.#run.state[path];
    if (before === undefined && this.#run.mode !== "shapes") {
      throw new TypeError(
        message`Cannot update ${path}: there is no such state, ask for it by state() first`,
      );
    }
    if (before !== undefined && !sameShape(before.shape, value.shape)) {
      throw new TypeError(
        message`Cannot update ${path}: the state has shape ${before.shape}, the new value ${value.shape}`,
      );
    }
    this.#updates[path] = before === undefined || value.dtype === before.dtype
      ? value
      : value.cast(before.dtype);
  }

  key(): Key {
    this.#guard("ask for a key");
    const { key, requests } = this.#run;
    if (key === null) {
      throw new TypeError(
        message`Cannot draw random numbers in ${this.#title()}: there is no key; ask for one in training only, or
        pass one`,
      );
    }
    const number = requests.get(this.#path) ?? 0;
    requests.set(this.#path, number + 1);
    return foldIn(key, hashText(`${this.#path}#${number}`));
  }

  call<I, O>(layer: Layer<I, O>, x: I, name?: string): O {
    const any = layer as unknown as AnyLayer;
    checkLayer(any);
    const known = this.#run.paths.get(any);
    if (known !== undefined) return this.#run.enter(layer, x, known, this.#chain);
    checkName(this.layer.kind, name);
    const chosen = name ?? layer.name ?? nextName(layer.kind.replaceAll("/", "_"), this.#taken);
    if (this.#taken.has(chosen)) {
      throw new TypeError(
        message`Cannot call another layer named ${
          JSON.stringify(chosen)
        } in ${this.#title()}: the name is taken`,
      );
    }
    this.#taken.set(chosen, any);
    return this.#run.enter(layer, x, this.#join(chosen), this.#chain);
  }

  addLoss(value: Variable): void {
    this.#guard("add a loss");
    checkValue("add a loss", value);
    if (value.rank !== 0) {
      throw new TypeError(
        message`Cannot add a loss of shape ${value.shape} in ${this.#title()}: a loss is a number, reduce it by
        sum() or mean()`,
      );
    }
    this.#run.losses.push(value);
  }

  /** Makes the updates of this call seen by the next one. */
  finish(): void {
    Object.assign(this.#run.updates, this.#updates);
  }

  /** Looks a weight up, or makes it. */
  #weight(
    what: string,
    store: Record<string, Variable>,
    path: string,
    shape: Shape,
    initializer: InitializerArgument,
  ): Variable {
    const run = this.#run;
    readShape(`the ${what} ${path}`, shape);
    const found = store[path];
    if (found !== undefined) {
      if (sameShape(found.shape, shape)) return found;
      throw new TypeError(
        message`Cannot use the ${what} ${path}: it has shape ${found.shape}, the layer asks for ${shape}`,
      );
    }
    if (run.mode === "apply") {
      throw new TypeError(
        message`Cannot use the ${what} ${path}: it is not there, the layer did not ask for it when it was
        initialized`,
      );
    }
    run.reserve(path, shape);
    if (run.mode === "shapes") return store[path] = valuesOfShape(shape, run.dtype);
    return store[path] = this.#takenOver(path, shape) ?? this.#make(what, path, shape, initializer);
  }

  #make(what: string, path: string, shape: Shape, initializer: InitializerArgument): Variable {
    const { key, dtype } = this.#run;
    if (key === null) throw new TypeError(message`Cannot initialize ${path}: there is no key`);
    const made = initializerOf(initializer)(foldIn(key, hashText(path)), shape, dtype);
    const value = constant(made, { dtype, name: path });
    if (sameShape(value.shape, shape)) return value;
    throw new TypeError(
      message`Cannot initialize the ${what} ${path}: the initializer gave shape ${value.shape}, expected ${shape}`,
    );
  }

  /** The weight that a layer brings along from the model that it was built in before. */
  #takenOver(path: string, shape: Shape): Variable | undefined {
    const value = this.#sourceOf(path)?.weight();
    if (value === undefined) return undefined;
    if (sameShape(value.shape, shape)) return constant(value, { dtype: this.dtype, name: path });
    throw new TypeError(
      message`Cannot use ${this.#title()} here: it was built before, with ${path} of shape ${value.shape}, and is
      to have ${shape}; make another layer`,
    );
  }

  #sourceOf(path: string): WeightSource | undefined {
    return this.#source?.within(path.slice(this.#path === "" ? 0 : this.#path.length + 1));
  }

  #join(name: string): string {
    checkName(this.layer.kind, readText(`the ${this.layer.kind} layer`, "a name", name));
    return this.#path === "" ? name : `${this.#path}/${name}`;
  }

  #title(): string {
    return this.#path === "" ? `the ${this.layer.kind} layer` : `the layer ${this.#path}`;
  }

  /** What is told inside a step that is run many times, or with other values, would be that of one of them. */
  #guard(action: string): void {
    if (tape.depth === this.#run.depth) return;
    throw new TypeError(
      message`Cannot ${action} in ${this.#title()} inside of scan, vmap, grad or another transform: do it outside,
      and pass values in and out (keys as inputs of scan, made by split())`,
    );
  }
}

/** Refuses what is no Variable. */
function checkValue(action: string, value: unknown): void {
  if (value instanceof Variable) return;
  throw new TypeError(message`Cannot ${action}: found ${describeValue(value)}, pass a Variable`);
}
