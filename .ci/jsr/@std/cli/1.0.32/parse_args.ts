import minimist from "npm:minimist@1.2.8";

/** Options of {@linkcode parseArgs}. */
export interface ParseOptions<B extends string, S extends string, C extends string, D> {
  boolean?: readonly B[];
  string?: readonly S[];
  collect?: readonly C[];
  negatable?: readonly B[];
  default?: D;
  alias?: Record<string, string | readonly string[]>;
  "--"?: boolean;
  stopEarly?: boolean;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** What {@linkcode parseArgs} returns: a string flag without a default may be missing, a collected one is a list. */
export type Args<B extends string, S extends string, C extends string, D> =
  & { [K in Exclude<B, C>]: boolean }
  & { [K in Exclude<S, keyof D | C>]?: string }
  & { [K in Exclude<S & keyof D, C>]: string | D[K] }
  & { [K in C]: (K extends S ? string : K extends B ? boolean : unknown)[] }
  & { _: (string | number)[]; "--"?: string[] };

/** `minimist` negates every flag, the real package only those it is told. */
function keepNo(args: readonly string[], negatable: readonly string[]): string[] {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  return args.map((arg, i) => {
    const name = /^--no-([^=]+)$/s.exec(arg)?.[1];
    return name === undefined || i >= end || negatable.includes(name) ? arg : `${arg}=true`;
  });
}

export function parseArgs<
  const B extends string = never,
  const S extends string = never,
  const C extends string = never,
  D extends Record<string, unknown> = Record<never, never>,
>(args: string[], options: ParseOptions<B, S, C, D> = {}): Args<B, S, C, D> {
  const { unknown, default: defaults } = options;
  const parsed: Record<string, unknown> = minimist(keepNo(args, options.negatable ?? []), {
    ...options,
    boolean: [...options.boolean ?? []],
    string: [...options.string ?? []],
    unknown: (arg: string) => {
      if (unknown === undefined) return true;
      const [, key, , value] = arg.match(/^--?([^=]+)(=(.*))?$/s) ?? [];
      const given = args.includes(arg) ? arg : arg.replace(/=true$/, "");
      return unknown(given, key, value) !== false;
    },
  } as never);
  const collect = new Set<string>(options.collect);
  for (const [key, value] of Object.entries(parsed)) {
    const isRepeated = Array.isArray(value) && key !== "_" && key !== "--" && value !== defaults?.[key];
    if (isRepeated && !collect.has(key)) parsed[key] = value.at(-1); // of a repeated flag the last counts
  }
  for (const key of collect) {
    const value = parsed[key];
    if (!Array.isArray(value)) parsed[key] = args.some((arg) => isFlag(arg, key)) ? [value] : [];
  }
  return parsed as never;
}

function isFlag(arg: string, name: string): boolean {
  return arg === `--${name}` || arg.startsWith(`--${name}=`) || arg === `-${name}`;
}
