import { isPlainObject } from "../../_internal/containers.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { nearestName, readFunction, readText } from "../../_internal/readers/mod.ts";

/** Makes something of options, which may be left out where all of them may. */
export type Factory<P, T> = Record<never, never> extends P ? (options?: P) => T : (options: P) => T;

/** Where something that was made by name came from. */
export interface Origin {
  /** What it is, such as `"initializer"`. */
  readonly what: string;
  /** The name of its factory. */
  readonly kind: string;
  /** The options that were passed to it. */
  readonly options: Readonly<Record<string, unknown>>;
}

const origins = new WeakMap<object, Origin>();
const registries = new Map<string, Registry<object>>();

/** Where a value came from; undefined for what was not made by a factory of a registry. */
export function originOf(value: unknown): Origin | undefined {
  return (typeof value === "object" && value !== null) || typeof value === "function"
    ? origins.get(value)
    : undefined;
}

/**
 * The registry of a kind of thing, such as `"initializer"`.
 *
 * @throws {RangeError} If there is none
 */
export function registryOf(what: string): Registry<object> {
  const registry = registries.get(what);
  if (registry !== undefined) return registry;
  throw new RangeError(message`Unknown registry: ${describeValue(what)}, use one of
    ${[...registries.keys()].join(", ")}`);
}

/** Things that are made by name: layers, activations, initializers, losses and so on. */
export class Registry<T extends object> {
  /** What is made, for messages and descriptions. */
  readonly what: string;
  readonly #factories = new Map<string, (options: never) => T>();

  /** Makes an empty registry, which descriptions find by its name. */
  constructor(what: string) {
    this.what = what;
    registries.set(what, this);
  }

  /**
   * Adds a factory under a name. What it makes remembers name and options, so that it can be saved.
   *
   * @throws {TypeError} If the name is no text, or is taken
   */
  define<P extends object>(kind: string, make: (options: P) => T): Factory<P, T> {
    if (typeof kind !== "string" || kind === "") {
      throw new TypeError(message`Cannot define ${article(this.what)}: its name is ${describeValue(kind)}`);
    }
    if (this.#factories.has(kind)) {
      throw new TypeError(message`Cannot define the ${this.what} ${kind}: the name is taken, use another`);
    }
    readFunction(`a ${this.what}`, `what makes ${kind}`, make);
    const factory = (options: P = {} as P): T => {
      this.#check(kind, options);
      const made = make(options);
      origins.set(made, { what: this.what, kind, options: options as Readonly<Record<string, unknown>> });
      return made;
    };
    this.#factories.set(kind, factory);
    return factory as Factory<P, T>;
  }

  /** Checks that options are an object, in which a name is a text. */
  #check(kind: string, options: unknown): void {
    if (!isPlainObject(options)) {
      throw new TypeError(
        message`Cannot make the ${this.what} ${kind} of ${describeValue(options)}: its options are an object`,
      );
    }
    if (options["name"] !== undefined) {
      readText(`the ${this.what} ${kind}`, "the option name", options["name"]);
    }
  }

  /** Whether there is a name. */
  has(kind: string): boolean {
    return this.#factories.has(kind);
  }

  /** The names there are. */
  get names(): string[] {
    return [...this.#factories.keys()];
  }

  /**
   * Makes something by its name.
   *
   * @throws {RangeError} If there is no such name
   */
  make(kind: string, options: object = {}): T {
    const factory = this.#factories.get(kind);
    if (factory !== undefined) return factory(options as never);
    const near = typeof kind === "string" ? nearestName(kind, this.names) : undefined;
    throw new RangeError(
      message`Unknown ${this.what}: ${describeValue(kind)}
      ${near === undefined ? "" : `(did you mean ${near}?)`}, use one of ${this.names.join(", ")}`
        .replace(" , use", ", use"),
    );
  }

  /**
   * Reads what was passed as such a thing: a name, or the thing itself.
   *
   * @throws {RangeError} If it is neither
   */
  resolve(value: string | T, isOne: (value: unknown) => boolean = (x) => typeof x === "function"): T {
    if (isOne(value)) return value as T;
    if (typeof value === "string") return this.make(value);
    throw new RangeError(
      message`Unknown ${this.what}: ${describeValue(value)}, use one of ${
        this.names.join(", ")
      }, or your own`,
    );
  }
}

function article(what: string): string {
  return /^[aeiou]/.test(what) ? `an ${what}` : `a ${what}`;
}
