import { describeValue, formatChoices } from "../format.ts";
import { message } from "../message.ts";

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
