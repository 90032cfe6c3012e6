/** What counts as a number: decimals, with an exponent or without; no hexadecimals, no `Infinity`. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** What counts as a missing value where missing values are allowed. */
const MISSING = /^(|na|n\/a|nan|null|none|\?)$/i;

/** Whether a field, without spaces around it, is a finite number. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text) && Number.isFinite(Number(text));
}

/** Whether a field, without spaces around it, stands for a missing value. */
export function isMissing(text: string): boolean {
  return MISSING.test(text);
}
