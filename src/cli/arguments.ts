import { parseArgs } from "@std/cli/parse-args";
import { message } from "../_internal/message.ts";
import { nearestName } from "../_internal/readers/mod.ts";

/** What a flag of a command takes. */
export interface Flag {
  /** What stands for its value in the help; a flag without one is a switch. */
  readonly value?: string;
  /** What it does, for the help. */
  readonly help: string;
}

/** A command of the program. */
export interface Command {
  /** One sentence, for the help. */
  readonly summary: string;
  /** The names of what it takes besides flags. */
  readonly positionals: readonly string[];
  /** Its flags by name, without dashes. */
  readonly flags: { readonly [name: string]: Flag };
  /** More to say in the help. */
  readonly notes?: string;
  /** Runs it. */
  run(given: Arguments): Promise<void>;
}

const HELP: Flag = { help: "print this" };

/** What a command was given. */
export class Arguments {
  readonly #command: string;
  readonly #texts: ReadonlyMap<string, string>;
  readonly #switches: ReadonlySet<string>;
  readonly #positionals: readonly string[];

  /**
   * Reads what follows the name of a command.
   *
   * @throws {TypeError} If a flag is unknown or lacks its value, or there are too few or too many other words
   */
  constructor(name: string, command: Command, given: readonly string[]) {
    const flags: Command["flags"] = { ...command.flags, help: HELP };
    const names = Object.keys(flags);
    const takesValue = (flag: string): boolean => command.flags[flag]?.value !== undefined;
    const parsed: { readonly [key: string]: unknown } = parseArgs([...given], {
      string: [...names.filter(takesValue), "_"],
      boolean: names.filter((flag) => !takesValue(flag)),
      unknown(argument: string, key?: string) {
        if (key === undefined) return true;
        const near = nearestName(key, names);
        throw new TypeError(
          message`Unknown flag ${argument.split("=")[0]!}${
            near === undefined ? "" : ` (did you mean --${near}?)`
          }: ${name} takes ${names.map((flag) => `--${flag}`).join(", ")}`,
        );
      },
    });
    this.#command = name;
    this.#positionals = (parsed["_"] as unknown[]).map(String);
    this.#switches = new Set(names.filter((flag) => parsed[flag] === true));
    this.#texts = new Map(
      names.filter((flag) => typeof parsed[flag] === "string").map((flag) => [flag, parsed[flag] as string]),
    );
    if (this.has("help")) return;
    for (const [flag, text] of this.#texts) {
      if (text === "") {
        throw new TypeError(
          message`Cannot read --${flag}: it has no value, write --${flag} ${flags[flag]?.value ?? ""}`,
        );
      }
    }
    this.#checkPositionals(command.positionals);
  }

  #checkPositionals(expected: readonly string[]): void {
    const usage = `write ${this.#command} ${expected.join(" ")}`;
    if (this.#positionals.length < expected.length) {
      throw new TypeError(
        message`Cannot run ${this.#command}: ${expected[this.#positionals.length]!} is not given, ${usage}`,
      );
    }
    const extra = this.#positionals[expected.length];
    if (extra === undefined) return;
    throw new TypeError(
      message`Cannot run ${this.#command}: ${JSON.stringify(extra)} is one word too many, ${usage}`,
    );
  }

  /** What stands at a place among the words that are no flags. */
  positional(place: number): string {
    return this.#positionals[place] ?? "";
  }

  /** Whether a switch was given. */
  has(flag: string): boolean {
    return this.#switches.has(flag);
  }

  /** The value of a flag; undefined if it was not given. */
  text(flag: string): string | undefined {
    return this.#texts.get(flag);
  }

  /** A value of a flag that is a list of names, parted by commas. */
  list(flag: string): string[] | undefined {
    const names = this.text(flag)?.split(",").map((name) => name.trim());
    if (names === undefined || names.every((name, i) => name !== "" && names.indexOf(name) === i)) {
      return names;
    }
    throw this.#refuse(flag, "different names, parted by commas");
  }

  /** A value of a flag that is one of some words. */
  choice<const C extends string>(flag: string, choices: readonly C[], otherwise: C): C {
    const text = this.text(flag);
    const found = text === undefined ? otherwise : choices.find((each) => each === text);
    if (found !== undefined) return found;
    throw this.#refuse(flag, choices.join(", "));
  }

  /**
   * A value of a flag that is a number.
   *
   * @param accept Whether the number will do
   * @param expected What will do, in words
   */
  number(flag: string, otherwise: number, accept: (value: number) => boolean, expected: string): number {
    const text = this.text(flag);
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (text.trim() !== "" && accept(value)) return value;
    throw this.#refuse(flag, expected);
  }

  /** A value of a flag that counts something, from a least one up. */
  count(flag: string, otherwise: number, least = 1): number {
    return this.number(
      flag,
      otherwise,
      (value) => Number.isSafeInteger(value) && value >= least,
      `an integer from ${least} up`,
    );
  }

  /** What separates fields; `tab` for a tabulator. */
  separator(): string | undefined {
    const text = this.text("separator");
    return text === "tab" || text === "\\t" ? "\t" : text;
  }

  #refuse(flag: string, expected: string): RangeError {
    return new RangeError(
      message`Bad value for --${flag}: ${JSON.stringify(this.text(flag))}, expected ${expected}`,
    );
  }
}

/** What `--help` prints for a command. */
export function helpOf(name: string, { summary, positionals, flags, notes }: Command): string {
  const lines = Object.entries({ ...flags, help: HELP }).map(([flag, { value, help }]) =>
    [`--${flag}${value === undefined ? "" : ` ${value}`}`, help] as const
  );
  const width = Math.max(...lines.map(([left]) => left.length));
  return [
    summary,
    "",
    `Usage: ${[name, ...positionals].join(" ")} [options]`,
    ...lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    ...notes === undefined ? [] : ["", notes],
  ].join("\n");
}
