import { describeValue } from "../../_internal/format.ts";
import { message } from "../../_internal/message.ts";
import { readChoice } from "../../_internal/readers/mod.ts";
import { Variable } from "../../variable/mod.ts";

/**
 * What layers know of a Variable beside its value: which logits it is the softmax or sigmoid of, for losses that
 * are stable, and which of its steps count. No model knows of it, and it works through any nesting.
 */
interface Notes {
  readonly logits?: { readonly activation: "softmax" | "sigmoid"; readonly of: Variable };
  /** 1 for steps that count, 0 for padding, `[batch, time]`; null for none, whatever the input had. */
  readonly mask?: Variable | null;
}

const notes = new WeakMap<Variable, Notes>();

/** The activations whose logits are noted. */
const ACTIVATIONS = ["softmax", "sigmoid"] as const;

function checkVariable(operation: string, value: unknown): void {
  if (value instanceof Variable) return;
  throw new TypeError(message`Cannot call ${operation} with ${describeValue(value)}: pass a Variable`);
}

/** Notes that a Variable is an activation of logits, and returns it. */
export function noteLogits(result: Variable, activation: "softmax" | "sigmoid", of: Variable): Variable {
  checkVariable("noteLogits", result);
  checkVariable("noteLogits", of);
  readChoice("noteLogits", "the activation", activation, ACTIVATIONS);
  notes.set(result, { ...notes.get(result), logits: { activation, of } });
  return result;
}

/** The logits that a Variable is the softmax or sigmoid of, where that is known. */
export function logitsOf(x: Variable, activation: "softmax" | "sigmoid"): Variable | undefined {
  readChoice("logitsOf", "the activation", activation, ACTIVATIONS);
  const found = notes.get(x)?.logits;
  return found?.activation === activation ? found.of : undefined;
}

/** Whether a Variable is known to be a softmax or sigmoid. */
export function activationNoted(x: Variable): "softmax" | "sigmoid" | undefined {
  return notes.get(x)?.logits?.activation;
}

/**
 * Notes which steps of a Variable `[batch, time, ...]` count, and returns it.
 *
 * @param mask 1 and 0, `[batch, time]`; null says that a mask of the input ends here
 */
export function noteMask(x: Variable, mask: Variable | null): Variable {
  checkVariable("noteMask", x);
  if (mask !== null) checkVariable("noteMask", mask);
  notes.set(x, { ...notes.get(x), mask });
  return x;
}

/** Which steps of a Variable count, where that is known. */
export function maskOf(x: Variable): Variable | undefined {
  return notes.get(x)?.mask ?? undefined;
}

/** Says that the second axis of an output is not that of the input: a mask ends here. Returns the output. */
export function endMask(input: Variable, output: Variable): Variable {
  return output === input || maskOf(input) === undefined ? output : noteMask(output, null);
}

/** Passes the mask of an input on to an output that has the same batch and time axes, and none of its own. */
export function passMask(inputs: readonly Variable[], outputs: readonly Variable[]): void {
  const source = inputs.find((x) => maskOf(x) !== undefined);
  if (source === undefined) return;
  const mask = maskOf(source)!;
  for (const y of outputs) {
    const fits = y.rank >= source.rank && y.shape[0] === mask.shape[0] && y.shape[1] === mask.shape[1];
    if (fits && notes.get(y)?.mask === undefined) noteMask(y, mask);
  }
}
