import { readIntegers, readOptions } from "../../_internal/readers/mod.ts";
import { checkFunction } from "./arguments.ts";

/** What transforms that differentiate by chosen arguments are told. */
export interface DerivativeOptions {
  /** Which arguments, by number; undefined for those that the transform takes by itself. */
  readonly argnums: number | readonly number[] | undefined;
  /** Whether the function returns something beside its value. */
  readonly hasAux: boolean;
}

const DEFAULTS: DerivativeOptions = { argnums: undefined, hasAux: false };

/**
 * Reads the function and the options of a transform.
 *
 * @param name The transform
 * @throws {TypeError} If there is no function, an option is unknown, or of a wrong type
 */
export function readDerivativeOptions(
  name: string,
  f: unknown,
  options: Partial<DerivativeOptions> | undefined,
): DerivativeOptions {
  checkFunction(name, f);
  if (options === undefined) return DEFAULTS;
  const read = readOptions<Partial<DerivativeOptions>, DerivativeOptions>(name, options, DEFAULTS);
  if (read.argnums !== undefined) readIntegers(name, "argnums", read.argnums);
  return read as DerivativeOptions;
}
