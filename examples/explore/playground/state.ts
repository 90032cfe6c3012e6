/** What the playground shows, as the address tells it. */
import type { Settings } from "./messages.ts";
import { type SetName, SETS } from "./points.ts";

export const MOST_LAYERS = 4;
export const MOST_UNITS = 8;

/** All that is chosen. */
export interface State {
  readonly set: SetName;
  readonly noise: number;
  readonly settings: Settings;
}

/** Reads what an address says; what is missing or out of range is as at first. */
export function readState(state: ReadonlyMap<string, string>): State {
  const number = (name: string, low: number, high: number, byDefault: number): number => {
    const value = Number(state.get(name));
    return state.has(name) && value >= low && value <= high ? value : byDefault;
  };
  const choice = <T extends string>(name: string, list: readonly T[], byDefault: T): T =>
    list.find((each) => each === state.get(name)) ?? byDefault;
  return {
    set: choice("set", SETS, "moons"),
    noise: number("noise", 0, 0.5, 0.2),
    settings: {
      hidden: hiddenOf(state.get("hidden")),
      activation: choice("activation", ["tanh", "relu", "sigmoid", "gelu"], "tanh"),
      optimizer: choice("optimizer", ["adam", "sgd", "rmsprop"], "adam"),
      learningRate: number("rate", 1e-4, 1, 0.03),
      batchSize: Math.round(number("batch", 1, 200, 32)),
      seed: Math.round(number("seed", 0, 1e6, 1)),
    },
  };
}

/** The same for an address. */
export function writeState({ set, noise, settings }: State): { readonly [name: string]: string } {
  const { hidden, activation, optimizer, learningRate, batchSize, seed } = settings;
  return {
    set,
    noise: String(noise),
    hidden: hidden.join(),
    activation,
    optimizer,
    rate: String(learningRate),
    batch: String(batchSize),
    seed: String(seed),
  };
}

function hiddenOf(text: string | undefined): readonly number[] {
  if (text === "") return [];
  const list = text?.split(",").map(Number) ?? [];
  const isFine = list.length > 0 && list.length <= MOST_LAYERS &&
    list.every((units) => Number.isInteger(units) && units >= 1 && units <= MOST_UNITS);
  return isFine ? list : [6, 4];
}
