import { message } from "../_internal/message.ts";

/** What elements must be, and what an error calls them. */
export interface ElementRange {
  /** The operation that users know. */
  readonly operation: string;
  /** What one element is, such as `index`. */
  readonly what: string;
  /** Where it counts, such as ` along axis 1`; by default nothing is said. */
  readonly where?: string;
  /** The lowest element. */
  readonly min: number;
  /** The highest element. */
  readonly max: number;
  /** Whether elements must be integers. */
  readonly isInteger: boolean;
}

/**
 * Checks every element.
 *
 * @throws {RangeError} If one is NaN, outside of the range, or no integer where it must be one
 */
export function checkRange(elements: Iterable<number>, range: ElementRange): void {
  const { operation, what, where = "", min, max, isInteger } = range;
  for (const element of elements) {
    if (element >= min && element <= max && (!isInteger || Number.isInteger(element))) continue;
    const allowed = max < min
      ? "there are none"
      : `use ${isInteger ? "integers" : "numbers"} from ${min} to ${max}`;
    throw new RangeError(
      message`Cannot apply ${operation}: found the ${what} ${element}${where}, ${allowed}`,
    );
  }
}
