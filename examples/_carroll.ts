/** Verses by Lewis Carroll (1832-1898), in the public domain, as numbers for models of characters. */
import { foldIn, type Key, uniform } from "../src/random/mod.ts";
import { constant, type Variable } from "../mod.ts";

/** A text in lower case, as the numbers of its characters. */
export interface CodedText {
  /** The different characters; the number of one is its place. */
  readonly alphabet: readonly string[];
  /** The text. */
  readonly codes: readonly number[];
}

/** Reads the verses. */
export async function readCarroll(): Promise<CodedText> {
  const text = (await Deno.readTextFile(new URL("./carroll.txt", import.meta.url))).toLowerCase();
  const alphabet = [...new Set(text)].sort();
  return { alphabet, codes: Array.from(text, (character) => alphabet.indexOf(character)) };
}

/** All pieces of a text, with the character that follows each: `[count, length]` and the same moved by one. */
export function piecesOf({ codes }: CodedText, length: number, stride: number): { x: Variable; y: Variable } {
  const starts = Array.from(
    { length: Math.floor((codes.length - length - 1) / stride) + 1 },
    (_, i) => i * stride,
  );
  const cut = (by: number): Variable =>
    constant(starts.map((at) => codes.slice(at + by, at + by + length))).cast("float32");
  return { x: cut(0), y: cut(1) };
}

/** Bits a character that the best prediction from the character before alone would need, on the same text. */
export function bitsOfPairs({ alphabet, codes }: CodedText): number {
  const n = alphabet.length;
  const counts = new Float64Array(n * n);
  for (let i = 1; i < codes.length; i++) counts[codes[i - 1]! * n + codes[i]!]!++;
  let bits = 0;
  for (let i = 1; i < codes.length; i++) {
    const row = counts.subarray(codes[i - 1]! * n, (codes[i - 1]! + 1) * n);
    bits -= Math.log2(row[codes[i]!]! / row.reduce((a, b) => a + b, 0));
  }
  return bits / (codes.length - 1);
}

/**
 * Goes on with a text: asks for the shares after its last characters, draws one, appends it, and asks again. With a
 * temperature below 1 likely characters become likelier.
 *
 * @param sharesOf Takes the numbers of characters, `[1, T]`, and gives the shares of what follows, `[1, T, A]`
 */
export function writeOn(
  text: string,
  { alphabet }: CodedText,
  sharesOf: (seen: Variable) => Variable,
  options: {
    readonly count: number;
    readonly length: number;
    readonly temperature: number;
    readonly key: Key;
  },
): string {
  let written = text;
  for (let i = 0; i < options.count; i++) {
    const seen = Array.from(written.slice(-options.length), (character) => alphabet.indexOf(character));
    const shares = sharesOf(constant([seen]).cast("float32")).data.slice(-alphabet.length); // of the last place
    const weights = Array.from(shares, (share) => share ** (1 / options.temperature));
    let left = uniform(foldIn(options.key, i), []).item() * weights.reduce((a, b) => a + b, 0);
    written += alphabet[weights.findIndex((weight) => (left -= weight) <= 0)] ?? " ";
  }
  return written;
}
