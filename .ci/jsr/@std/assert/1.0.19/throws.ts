import { AssertionError, check } from "./assertion_error.ts";
import type { Constructor } from "./assertions.ts";
import { format } from "./format.ts";

export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: Constructor<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  check(error instanceof Error, () => `Expected an error, got ${format(error)}`, msg);
  checkError(error, ErrorClass, undefined, msg);
  const text = (error as Error).message;
  const matches = msgMatches instanceof RegExp ? msgMatches.test(text) : text.includes(msgMatches ?? "");
  check(matches, `Expected ${JSON.stringify(text)} to match ${msgMatches}`, msg);
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
