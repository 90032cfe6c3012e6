import type { Variable } from "../../variable/mod.ts";
import type { AnyLayer } from "./layer.ts";

/** Who has the current weights of a layer, and where they stand. */
interface Owner {
  /** By path. */
  readonly weightAt: (path: string) => Variable | undefined;
  readonly model: object;
  readonly path: string;
}

const owners = new WeakMap<AnyLayer, Owner>();

/** Says that a model has the weights of a layer: built into another model, the layer brings them along. */
export function setOwner(layer: AnyLayer, owner: Owner): void {
  owners.set(layer, owner);
}

/** Weights that were trained elsewhere. */
export class WeightSource {
  readonly #owner: Owner;
  readonly #path: string;

  constructor(owner: Owner, path: string) {
    this.#owner = owner;
    this.#path = path;
  }

  /** The weight here, if this is the path of one. */
  weight(): Variable | undefined {
    return this.#owner.weightAt(this.#path);
  }

  /** The source of what stands under a name. */
  within(name: string): WeightSource {
    return new WeightSource(this.#owner, this.#path === "" ? name : `${this.#path}/${name}`);
  }
}

/** Where the weights of a layer are, unless it belongs to the model that is being built. */
export function sourceFor(layer: AnyLayer, building: object | undefined): WeightSource | undefined {
  const owner = owners.get(layer);
  return owner === undefined || owner.model === building ? undefined : new WeightSource(owner, owner.path);
}
