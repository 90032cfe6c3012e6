import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { nearestName, readText } from "../../_internal/readers/mod.ts";

/** What has a kind, and a name where it was given one. */
interface Named {
  readonly name: string | undefined;
  readonly kind: string;
}

/**
 * Checks the name of a layer, parameter or state.
 *
 * @throws {TypeError} If it is no text, empty, or contains `/`
 */
export function checkName(what: string, name: string | undefined): string | undefined {
  if (name === undefined || (typeof name === "string" && name !== "" && !name.includes("/"))) return name;
  throw new TypeError(
    message`Cannot name a part of ${what} ${describeValue(name)}: a name is a text without "/"`,
  );
}

/** The names of layers that stand together: their own, or the kind, numbered where it is not the only one. */
export function uniqueNames(list: readonly Named[]): string[] {
  const taken = new Set<string>();
  for (const { name } of list) {
    if (name === undefined) continue;
    if (taken.has(name)) {
      throw new TypeError(message`Cannot put two layers named ${JSON.stringify(name)} into one: give them
        different names`);
    }
    taken.add(name);
  }
  return list.map(({ name, kind }) => {
    if (name !== undefined) return name;
    const free = nextName(kind.replaceAll("/", "_"), taken);
    taken.add(free);
    return free;
  });
}

/** The base if it is free, else the base with the smallest number that is. */
export function nextName(base: string, taken: { has(name: string): boolean }): string {
  if (!taken.has(base)) return base;
  let number = 1;
  while (taken.has(`${base}_${number}`)) number++;
  return `${base}_${number}`;
}

/**
 * The layer of a name.
 *
 * @throws {RangeError} If there is none
 */
export function findLayer<L>(title: string, layers: ReadonlyMap<string, L>, name: string): L {
  const found = layers.get(name);
  if (found !== undefined) return found;
  const near = nearestName(readText("getLayer", "the name", name), [...layers.keys()]);
  throw new RangeError(
    message`Cannot find the layer ${describeValue(name)} in ${title}${
      near === undefined ? "" : ` (did you mean ${near}?)`
    }: it has ${[...layers.keys()].join(", ")}`,
  );
}
