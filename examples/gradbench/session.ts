import type { Evaluation, Output } from "./evaluation.ts";
import { Input } from "./input.ts";
import { writeJson } from "./json.ts";

/** A message as it comes in: nothing about it is certain. */
type Message = { readonly [field: string]: unknown };

/**
 * Answers one line of the protocol, in pieces without the line's end. What is wrong with a message becomes
 * part of its answer.
 *
 * @param line One message as JSON
 * @param evals The evals by module name
 */
export function* answer(
  line: string,
  evals: ReadonlyMap<string, Evaluation>,
): Generator<string, void, unknown> {
  let id: unknown = null;
  try {
    const message = readMessage(line);
    id = message.id ?? null;
    if (message.kind === "evaluate") yield* evaluate(id, message, evals);
    else if (message.kind === "define") {
      findEval(message, evals);
      yield JSON.stringify({ id, success: true });
    } else yield JSON.stringify(message.kind === "start" ? { id, tool: "tapegrad" } : { id });
  } catch (error) {
    yield JSON.stringify({
      id,
      success: false,
      error: error instanceof Error ? error.message : String(error),
    });
  }
}

function readMessage(line: string): Message {
  const message: unknown = JSON.parse(line);
  if (typeof message === "object" && message !== null && !Array.isArray(message)) return message as Message;
  throw new TypeError("Cannot read the message: it is not a JSON object");
}

function findEval(message: Message, evals: ReadonlyMap<string, Evaluation>): Evaluation {
  const found = typeof message.module === "string" ? evals.get(message.module) : undefined;
  if (found !== undefined) return found;
  throw new RangeError(`no module ${message.module}`);
}

function* evaluate(
  id: unknown,
  message: Message,
  evals: ReadonlyMap<string, Evaluation>,
): Generator<string, void, unknown> {
  const module = findEval(message, evals);
  const name = String(message.function);
  if (!Object.hasOwn(module, name)) {
    throw new RangeError(`no function ${name} in module ${message.module}`);
  }
  const { output, nanoseconds } = measure(module[name]!(message.input), message.input);
  // Written before the first piece goes out, so that an output which JSON cannot hold is still a failure.
  const pieces = [...writeJson(output)];
  yield `{"id":${JSON.stringify(id)},"success":true,"output":`;
  yield* pieces;
  let before = ',"timings":[';
  for (const time of nanoseconds) {
    yield `${before}{"name":"evaluate","nanoseconds":${time}}`;
    before = ",";
  }
  yield "]}";
}

/** Runs until the input's `min_runs` and `min_seconds` are reached; once where it has none. */
function measure(run: () => Output, input: unknown): { output: Output; nanoseconds: readonly number[] } {
  const { runs, seconds } = readLimits(input);
  const nanoseconds: number[] = [];
  let total = 0;
  while (true) {
    const start = performance.now();
    const output = run();
    const time = Math.round((performance.now() - start) * 1e6);
    nanoseconds.push(time);
    total += time;
    if (nanoseconds.length >= runs && total >= seconds * 1e9) return { output, nanoseconds };
  }
}

function readLimits(input: unknown): { runs: number; seconds: number } {
  if (typeof input !== "object" || input === null) return { runs: 1, seconds: 0 };
  const { min_runs = 1, min_seconds = 1 } = input as Message;
  const limits = new Input({ min_runs, min_seconds });
  return { runs: limits.number("min_runs"), seconds: limits.number("min_seconds") };
}
