/** A published function with arguments that it takes, with every option that there is: what bad values are put in place of. */
export interface Probe {
  /** Calls the function, and uses what it gives. */
  readonly call: (...args: never[]) => unknown;
  /** Fresh good arguments. */
  readonly args: () => readonly unknown[];
  /** Where values of any kind are right, such as trees: the starts of `argument 0, name`. */
  readonly takes?: readonly string[];
  /** Where null means something of its own: all of `argument 0, name`. */
  readonly takesNull?: readonly string[];
  /** Kinds of bad values that ask for as much work as they say, such as 1e10 steps. */
  readonly skips?: readonly string[];
}

/** Probes by the name of what they call. */
export type Probes = Readonly<Record<string, Probe>>;

/** A probe. */
export function probe(
  call: (...args: never[]) => unknown,
  args: () => readonly unknown[],
  exceptions: Omit<Probe, "call" | "args"> = {},
): Probe {
  return { call, args, ...exceptions };
}

/** Probes of functions that take the same arguments. */
export function probesOf(
  functions: Readonly<Record<string, (...args: never[]) => unknown>>,
  args: () => readonly unknown[],
): Probes {
  return Object.fromEntries(Object.entries(functions).map(([name, call]) => [name, { call, args }]));
}
