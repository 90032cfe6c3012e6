/** Thrown by a failing assertion. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

/** Throws unless the condition holds. */
export function check(condition: boolean, message: string, msg?: string): void {
  if (!condition) throw new AssertionError(msg === undefined ? message : `${message}: ${msg}`);
}
