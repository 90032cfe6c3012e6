/** A call like the one before it, which is known by the form of its arguments alone. */
import { plainValue } from "../../variable/rows.ts";
import type { Value } from "../../array/value.ts";
import { tape } from "../../tape/mod.ts";
import { type ArgumentForm, formOf, type LeafReader, readAs } from "./argument_form.ts";
import type { CompiledBranch } from "./branches.ts";
import type { Call } from "./call.ts";
import { makePacker, type Packer } from "./results.ts";

/** The program of the last call and what calls it serves, if that can be told without taking the arguments apart. */
export class RepeatedCall {
  readonly #branch: CompiledBranch;
  readonly #forms: readonly ArgumentForm[];
  readonly #pack: Packer;
  /** Whether results are Variables, which derivatives may be wanted of. */
  readonly #givesVariables: boolean;

  /** Remembers a call that a program without branches has served. */
  constructor(
    branch: CompiledBranch,
    { resultForm }: Call,
    args: readonly unknown[],
    statics: ReadonlySet<number>,
  ) {
    this.#branch = branch;
    this.#forms = args.map((arg, i) => formOf(arg, statics.has(i)));
    this.#pack = makePacker(branch, resultForm);
    this.#givesVariables = resultForm === "variable";
  }

  /** What the program is to be run on for a call; undefined for one that is not like the one before. */
  read(args: readonly unknown[]): Value[] | undefined {
    const { program, captured } = this.#branch;
    const forms = this.#forms;
    if (program.isReleased || args.length !== forms.length) return undefined;
    const reader: LeafReader = { values: [], hasTracked: captured.length > 0 };
    for (let i = 0; i < forms.length; i++) if (!readAs(forms[i]!, args[i], reader)) return undefined;
    if (this.#givesVariables && reader.hasTracked && tape.recording) return undefined;
    for (const x of captured) reader.values.push(plainValue(x));
    return reader.values;
  }

  /** Runs the program. */
  run(inputs: readonly Value[]): unknown {
    return this.#pack(this.#branch.program.run(inputs), null);
  }
}
