import type { Weights } from "../../optim/mod.ts";
import type { Key } from "../../random/mod.ts";
import { type BlasChoice, compile, type Compiled, type StateLoop } from "../../transforms/mod.ts";
import { constant, type Variable } from "../../variable/mod.ts";
import type { BatchVariables, TrainingState, TrainingStep } from "./step.ts";

/** What a step tells. */
export interface StepResult {
  readonly loss: number;
  readonly totals: TrainingState["totals"];
}

type Rest<T> = T extends readonly [unknown, ...infer R] ? R : never;
type Loop = StateLoop<TrainingState, Rest<Parameters<TrainingStep>>, Rest<ReturnType<TrainingStep>>>;

const FIRST = constant(1);
const LATER = constant(0);

/** The argument that says whether a batch is the first of an epoch. */
export function firstFlag(isFirst: boolean): Variable {
  return isFirst ? FIRST : LATER;
}

/** Takes steps of training, compiled unless a function of the user's reads values; keeps what they change. */
export class StepRunner {
  /** What is not trained. */
  frozen: Weights = {};
  readonly #key: Key;
  readonly #step: TrainingStep;
  readonly #compiled: Compiled<TrainingStep>;
  #state: TrainingState;
  /** While it is there, it has the state. */
  #loop: Loop | undefined;
  #readsValues = false;

  constructor(step: TrainingStep, state: TrainingState, key: Key, blas: BlasChoice) {
    this.#step = step;
    this.#compiled = compile(step, { donate: [0], blas });
    this.#state = state;
    this.#key = key;
  }

  /** What the last step left. Reading it costs a copy at the next step. */
  get state(): TrainingState {
    return this.#loop?.state() ?? this.#state;
  }

  set state(state: TrainingState) {
    this.#state = state;
    this.#loop = undefined;
  }

  /** Lends the state; what the function has not read of it can't be read any more after it. */
  withState<T>(f: (state: TrainingState) => T): T {
    return this.#loop === undefined ? f(this.#state) : this.#loop.withState(f);
  }

  /**
   * Takes a step.
   *
   * @param isCompiled Undefined for compiled where nothing reads values
   */
  run({ x, y, weights }: BatchVariables, isFirst: boolean, isCompiled: boolean | undefined): StepResult {
    const args = [this.frozen, x, y, weights, this.#key, firstFlag(isFirst)] as const;
    if (isCompiled ?? !this.#readsValues) {
      try {
        this.#loop ??= this.#compiled.loop(this.#state) as unknown as Loop;
        const [loss, totals] = this.#loop.next(...args);
        return { loss: loss.item(), totals };
      } catch (error) {
        if (isCompiled !== undefined || !readsValues(error)) throw error;
        this.#readsValues = true;
      }
    }
    const [state, loss, totals] = this.#step(this.state, ...args);
    this.state = state;
    return { loss: loss.item(), totals };
  }
}

/** Whether an error says that a function can't be compiled as it reads values. */
export function readsValues(error: unknown): boolean {
  return error instanceof TypeError && /inside (of )?compile\(\)/.test(error.message);
}
