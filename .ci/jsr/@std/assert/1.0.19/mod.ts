/** A stand-in for the assertions this project uses, on `node:assert`. */
import { AssertionError as NodeAssertionError, deepStrictEqual } from "node:assert";

// deno-lint-ignore no-explicit-any
type Constructor<E> = new (...args: any[]) => E;

/** Thrown by a failing assertion. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

function check(condition: boolean, message: string, msg?: string): void {
  if (!condition) throw new AssertionError(msg === undefined ? message : `${message}: ${msg}`);
}

/** Zeros of both signs compare equal in the real package. */
function positiveZeros(value: unknown): unknown {
  if (Object.is(value, -0)) return 0;
  if (value instanceof Float64Array || value instanceof Float32Array) return value.map((x) => x + 0);
  if (Array.isArray(value)) return value.map(positiveZeros);
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [positiveZeros(k), positiveZeros(v)]));
  if (value instanceof Set) return new Set([...value].map(positiveZeros));
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, positiveZeros(v)]));
  }
  return value;
}

export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

export function assertFalse(expr: unknown, msg = ""): asserts expr is false {
  if (expr) throw new AssertionError(msg);
}

export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  try {
    deepStrictEqual(positiveZeros(actual), positiveZeros(expected));
  } catch (error) {
    if (!(error instanceof NodeAssertionError)) throw error;
    throw new AssertionError(`Values are not equal${msg === undefined ? "" : `: ${msg}`}\n${error.message}`);
  }
}

export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  let equal = true;
  try {
    assertEquals(actual, expected);
  } catch {
    equal = false;
  }
  check(!equal, "Values are equal", msg);
}

export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  check(Object.is(actual, expected), `Values are not strictly equal: ${actual} and ${expected}`, msg);
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
  check(actual instanceof expected, `Expected an instance of ${expected.name}`, msg);
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

function checkError(
  error: unknown,
  ErrorClass: Constructor<Error> | undefined,
  includes: string | undefined,
  msg?: string,
): void {
  if (ErrorClass === undefined) return;
  check(error instanceof ErrorClass, `Expected ${ErrorClass.name}, got ${error}`, msg);
  const text = (error as Error).message;
  check(
    includes === undefined || text.includes(includes),
    `Expected ${JSON.stringify(text)} to include ${includes}`,
    msg,
  );
}

export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: Constructor<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  classOrMsg?: Constructor<Error> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  try {
    fn();
  } catch (error) {
    checkError(error, typeof classOrMsg === "function" ? classOrMsg : undefined, msgIncludes, msg);
    return error;
  }
  throw new AssertionError("Expected function to throw");
}

export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: Constructor<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: Constructor<Error> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch {
    throw new AssertionError("Function throws when expected to reject");
  }
  check(typeof promise?.then === "function", "Function throws when expected to reject");
  try {
    await promise;
  } catch (error) {
    checkError(error, typeof classOrMsg === "function" ? classOrMsg : undefined, msgIncludes, msg);
    return error;
  }
  throw new AssertionError("Expected function to reject");
}
