import { isPlainObject } from "../../_internal/containers.ts";
import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readAnyNumber, readText } from "../../_internal/readers/mod.ts";
import type { NestedNumbers } from "../../array/nd_array.ts";
import type { Variable } from "../../variable/mod.ts";

/** The numbers of a result by their keys: `auc`, or `f1Score[0]` and `confusionMatrix[0][1]` for arrays. */
export function entriesOf(key: string, result: Variable): [key: string, value: number][] {
  const { shape } = result;
  return Array.from(result.data, (value, index) => {
    let rest = index;
    const indices = shape.toReversed().map((length) => {
      const own = rest % length;
      rest = (rest - own) / length;
      return `[${own}]`;
    }).toReversed();
    return [key + indices.join(""), value];
  });
}

/** Whether a key is that of one element of an array. */
export function isElement(key: string): boolean {
  return key.endsWith("]");
}

/**
 * Puts the elements of an array together that logs or histories have as `name[0]` or `name[0][1]`.
 *
 * @param logs What `evaluate` gave, or an epoch's numbers
 * @param name The key of the metric, such as `"confusionMatrix"`
 * @throws {TypeError} If the logs are no object of numbers
 * @throws {RangeError} If there is no such array
 *
 * @example
 * ```ts
 * import { arrayFromLogs } from "@tapegrad/tapegrad/nn";
 *
 * console.log(arrayFromLogs({ loss: 1, "f1Score[0]": 0.5, "f1Score[1]": 0.75 }, "f1Score")); // [0.5, 0.75]
 * ```
 */
export function arrayFromLogs(logs: { readonly [name: string]: number }, name: string): NestedNumbers {
  if (!isPlainObject(logs)) {
    throw new TypeError(
      message`Cannot find the array ${describeValue(name)}: the logs are ${describeValue(logs)}, pass what
      evaluate() gave`,
    );
  }
  readText("arrayFromLogs", "the name", name);
  const inner = Object.keys(logs).filter((key) => key.startsWith(`${name}[`));
  const own = logs[name];
  if (own !== undefined) return readAnyNumber("arrayFromLogs", name, own);
  if (inner.length === 0) {
    throw new RangeError(
      message`Cannot find the array ${name}: there are ${Object.keys(logs).join(", ")}`,
    );
  }
  const first = new Set(inner.map((key) => Number(/^\[(\d+)\]/.exec(key.slice(name.length))?.[1])));
  return Array.from({ length: first.size }, (_, i) => arrayFromLogs(logs, `${name}[${i}]`));
}
