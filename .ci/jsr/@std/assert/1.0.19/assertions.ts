import { AssertionError, check } from "./assertion_error.ts";
import { equal } from "./equal.ts";
import { difference, format } from "./format.ts";

// deno-lint-ignore no-explicit-any
export type Constructor<E> = abstract new (...args: any[]) => E;

export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

export function assertFalse(expr: unknown, msg = ""): asserts expr is false {
  if (expr) throw new AssertionError(msg);
}

export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  const note = msg === undefined ? "" : `: ${msg}`;
  throw new AssertionError(`Values are not equal${note}\n\n${difference(actual, expected)}`);
}

export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  check(!equal(actual, expected), () => `Expected values not to be equal, both are ${format(actual)}`, msg);
}

export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (Object.is(actual, expected)) return;
  const note = msg === undefined ? "" : `: ${msg}`;
  throw new AssertionError(`Values are not strictly equal${note}\n\n${difference(actual, expected)}`);
}

export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  check(
    !Object.is(actual, expected),
    () => `Expected values not to be strictly equal, both are ${format(actual)}`,
    msg,
  );
}

export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void {
  if (Object.is(actual, expected)) return;
  const most = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  check(
    Math.abs(expected - actual) <= most,
    `Expected ${actual} to be close to ${expected}, within ${most}`,
    msg,
  );
}

export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  check(actual > expected, `Expected ${actual} > ${expected}`, msg);
}

export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  check(actual >= expected, `Expected ${actual} >= ${expected}`, msg);
}

export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  check(actual < expected, `Expected ${actual} < ${expected}`, msg);
}

export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  check(actual <= expected, `Expected ${actual} <= ${expected}`, msg);
}

export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  check(actual !== undefined && actual !== null, `Expected ${actual} to exist`, msg);
}

export function assertInstanceOf<E>(
  actual: unknown,
  expected: Constructor<E>,
  msg = "",
): asserts actual is E {
  check(
    actual instanceof expected,
    () => `Expected an instance of ${expected.name}, got ${format(actual)}`,
    msg,
  );
}

export function assertNotInstanceOf<A, T>(
  actual: A,
  unexpected: Constructor<T>,
  msg?: string,
): asserts actual is Exclude<A, T> {
  check(!(actual instanceof unexpected), `Expected no instance of ${unexpected.name}`, msg);
}

export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  check(expected.test(actual), `Expected ${JSON.stringify(actual)} to match ${expected}`, msg);
}

export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  check(
    actual.includes(expected),
    `Expected ${JSON.stringify(actual)} to include ${JSON.stringify(expected)}`,
    msg,
  );
}

export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void {
  check(!expected.test(actual), `Expected ${JSON.stringify(actual)} not to match ${expected}`, msg);
}

export function assertArrayIncludes<T>(actual: ArrayLike<T>, expected: ArrayLike<T>, msg?: string): void {
  const all = Array.from(actual);
  const missing = Array.from(expected).filter((x) => !all.some((y) => equal(x, y)));
  check(missing.length === 0, () => `Expected ${format(actual)} to include ${format(missing)}`, msg);
}

export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  assertEquals(project(actual, expected), expected, msg);
}

/** The properties of a value that another names, and theirs. */
function project(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.map((x, i) => i < expected.length ? project(x, expected[i]) : x);
  }
  const arePlain = [actual, expected].every((x) =>
    typeof x === "object" && x !== null && [Object.prototype, null].includes(Object.getPrototypeOf(x))
  );
  if (!arePlain) return actual;
  const [all, named] = [actual, expected] as [Record<string, unknown>, Record<string, unknown>];
  const keys = Object.keys(named).filter((key) => key in all);
  return Object.fromEntries(keys.map((key) => [key, project(all[key], named[key])]));
}

export function fail(msg?: string): never {
  throw new AssertionError(msg === undefined ? "Failed assertion" : `Failed assertion: ${msg}`);
}

export function unreachable(reason?: string): never {
  throw new AssertionError(reason === undefined ? "Unreachable" : `Unreachable: ${reason}`);
}

export function unimplemented(msg?: string): never {
  throw new AssertionError(msg === undefined ? "Unimplemented" : `Unimplemented: ${msg}`);
}
