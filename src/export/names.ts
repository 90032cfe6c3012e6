/** How values in trees are named in files. */
import { isPlainObject } from "../_internal/containers.ts";
import { describeValue } from "../_internal/format.ts";
import { message } from "../_internal/message.ts";

/** A leaf of a tree with its path. */
export interface NamedLeaf {
  readonly name: string;
  readonly leaf: unknown;
}

/** The leaves of a tree with their paths, joined by `/`. */
export function namedLeaves(
  tree: unknown,
  base: string,
  isLeaf: (value: unknown) => boolean,
): NamedLeaf[] {
  if (isLeaf(tree) || !(Array.isArray(tree) || isPlainObject(tree))) return [{ name: base, leaf: tree }];
  return Object.entries(tree).flatMap(([key, entry]) =>
    namedLeaves(entry, base === "" ? key : `${base}/${key}`, isLeaf)
  );
}

/** Refuses names that come twice, or that are no names. */
export function checkNames(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (name === "") {
      throw new TypeError("Cannot export a value without a name: pass { names: { inputs, outputs } }");
    }
    if (seen.has(name)) {
      throw new TypeError(
        message`Cannot export two values of the name ${
          describeValue(name)
        }: pass { names: { inputs, outputs } }`,
      );
    }
    seen.add(name);
  }
}
