/** A stand-in for the argument parser this project uses, on `minimist`. */
import minimist from "npm:minimist@1.2.8";

/** Options of {@linkcode parseArgs}. */
export interface ParseOptions<B extends string, S extends string> {
  boolean?: readonly B[];
  string?: readonly S[];
  negatable?: readonly string[];
  default?: Record<string, unknown>;
  alias?: Record<string, string | readonly string[]>;
  "--"?: boolean;
  stopEarly?: boolean;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

export function parseArgs<const B extends string = never, const S extends string = never>(
  args: string[],
  options: ParseOptions<B, S> = {},
): { [K in B]: boolean } & { [K in S]?: string } & { _: (string | number)[] } {
  const { unknown } = options;
  return minimist(args, {
    ...options,
    boolean: [...options.boolean ?? []],
    string: [...options.string ?? []],
    unknown: (arg: string) => {
      if (unknown === undefined) return true;
      const [, key, , value] = arg.match(/^--?([^=]+)(=(.*))?$/s) ?? [];
      return unknown(arg, key, value) !== false;
    },
  } as never) as never;
}
