import { message } from "../../_internal/message.ts";
/**
 * Checks a parameter of an optimizer or schedule.
 *
 * @throws {RangeError} If it is less than `low`, or not less than `high`
 */
export function checkRange(name: string, what: string, value: number, low: number, high: number): number {
  if (typeof value === "number" && value >= low && value < high) return value;
  throw new RangeError(
    message`Cannot make ${name}: ${what} is ${value}, use ${low} or more,
    ${high === Infinity ? "finite" : `less than ${high}`}`,
  );
}

/**
 * Checks a number of steps.
 *
 * @throws {RangeError} If it is not an integer from 1 up
 */
export function checkSteps(name: string, what: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new RangeError(message`Cannot make ${name}: ${what} is ${value}, use an integer from 1 up`);
}
