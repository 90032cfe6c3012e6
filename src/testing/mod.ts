/**
 * Checks for functions of one's own.
 *
 * @module
 */
export { checkGradients, type CheckOptions } from "./check_gradients.ts";
