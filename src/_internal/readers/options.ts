/** Options, and what they and other arguments hold besides numbers. */
import { isPlainObject } from "../containers.ts";
import { describeValue, formatChoices } from "../format.ts";
import { message } from "../message.ts";

/** Every option with its default; undefined where leaving the option out means something of its own. */
export type Defaults<O> = { readonly [K in keyof Required<O>]: O[K] | undefined };

/** Options with the defaults filled in: what has a default is always there. */
export type Complete<O, D> = {
  readonly [K in keyof Required<O>]: K extends keyof D ? undefined extends D[K] ? O[K] : NonNullable<O[K]>
    : never;
};

/**
 * Reads the options of an operation, with the defaults where one is left out or undefined. An option whose default is true or false must be
 * one of them; other values are for the operation to read.
 *
 * @param operation The name that users know it by
 * @param defaults Every option that there is
 * @throws {TypeError} If the options are no plain object, or one of them is unknown
 */
export function readOptions<O extends object, const D extends Defaults<O>>(
  operation: string,
  options: O | undefined,
  defaults: D,
): Complete<O, D> {
  if (options === undefined) return defaults as unknown as Complete<O, D>;
  checkOptions(operation, options, Object.keys(defaults));
  const complete: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (typeof complete[name] === "boolean" && typeof value !== "boolean") {
      throw new TypeError(
        message`Cannot apply ${operation}: the option ${name} is ${describeValue(value)}, use true or false`,
      );
    }
    complete[name] = value;
  }
  return complete as Complete<O, D>;
}

/**
 * Checks that options are a plain object with known names.
 *
 * @throws {TypeError} If they are not; the message lists the names there are, and the nearest one
 */
export function checkOptions(operation: string, options: unknown, names: readonly string[]): void {
  if (options === undefined) return;
  if (!isPlainObject(options)) {
    throw new TypeError(
      message`Cannot read the options of ${operation}: found ${describeValue(options)}, pass an object such as
      { ${names.slice(0, 3).join(", ")} }`,
    );
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const near = nearestName(name, names);
    throw new TypeError(
      message`Cannot read the options of ${operation}: there is no option ${JSON.stringify(name)}
      ${near === undefined ? "" : `(did you mean ${near}?)`}, use
      ${names.length === 0 ? "none" : names.join(", ")}`.replace(/ , use/, ", use"),
    );
  }
}

/** The name that was probably meant: equal but for case, a prefix, the initials, or a few letters away. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const wanted = name.toLowerCase().replace(/[^a-z0-9]/g, "");
  const initials = (text: string): string => text.replace(/(?<!^)[a-z0-9]/g, "").toLowerCase();
  const same = names.find((each) => each.toLowerCase() === wanted) ??
    names.find((each) => initials(each) === wanted) ??
    names.find((each) => wanted.length > 1 && each.toLowerCase().startsWith(wanted));
  if (same !== undefined) return same;
  const ranked = names.map((each) => ({ each, distance: editDistance(wanted, each.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  if (best !== undefined && best.distance <= Math.ceil(best.each.length / 3)) return best.each;
  return names.length === 1 ? names[0] : undefined;
}

/** How many letters must be put in, left out or changed (Levenshtein 1966). */
function editDistance(a: string, b: string): number {
  if (a.length > 64) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/**
 * Reads one of several texts.
 *
 * @param operation The name that users know it by
 * @param what The parameter, such as `the option padding`
 * @throws {TypeError} If it is no text
 * @throws {RangeError} If it is another text
 */
export function readChoice<const C extends string>(
  operation: string,
  what: string,
  value: unknown,
  choices: readonly C[],
): C {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const Kind = typeof value === "string" ? RangeError : TypeError;
  throw new Kind(
    message`Cannot apply ${operation}: ${what} is ${describeValue(value)}, use ${formatChoices(choices)}`,
  );
}

/**
 * Reads a text.
 *
 * @throws {TypeError} If it is none
 */
export function readText(operation: string, what: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError(message`Cannot apply ${operation}: ${what} is ${describeValue(value)}, use a text`);
}

/**
 * Reads true or false.
 *
 * @throws {TypeError} If it is neither
 */
export function readBoolean(operation: string, what: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(
    message`Cannot apply ${operation}: ${what} is ${describeValue(value)}, use true or false`,
  );
}

/**
 * Reads a function.
 *
 * @throws {TypeError} If it is none
 */
export function readFunction<F>(operation: string, what: string, value: F): F {
  if (typeof value === "function") return value;
  throw new TypeError(message`Cannot apply ${operation}: ${what} is ${describeValue(value)}, use a function`);
}

/**
 * Reads a list.
 *
 * @param least The least number of entries
 * @throws {TypeError} If it is no array, or has fewer entries
 */
export function readList<T>(operation: string, what: string, value: readonly T[], least = 0): readonly T[] {
  if (Array.isArray(value) && value.length >= least) return value;
  throw new TypeError(
    message`Cannot apply ${operation}: ${what} is ${describeValue(value)}, use an array
    ${least === 0 ? "" : `of at least ${least}`}`,
  );
}
