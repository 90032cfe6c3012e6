/** Thrown by a failing assertion. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

/** Throws unless the condition holds; only then is a text made that reads values, as of arrays that come late. */
export function check(condition: boolean, message: string | (() => string), msg?: string): void {
  if (condition) return;
  const text = typeof message === "string" ? message : message();
  throw new AssertionError(msg === undefined ? text : `${text}: ${msg}`);
}
