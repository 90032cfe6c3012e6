/** A stand-in for the assertions this project uses. */
export { AssertionError } from "./assertion_error.ts";
export * from "./assertions.ts";
export { equal } from "./equal.ts";
export * from "./throws.ts";
