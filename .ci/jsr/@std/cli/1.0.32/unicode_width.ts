/** Marks that go over another character, and those that show nothing. */
const ZERO = /\p{Mark}|\p{Cc}|\p{Cf}/u;
/** Characters of East Asia and pictures, which take two columns. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u;

/** How many columns of a terminal a text takes. */
export function unicodeWidth(text: string): number {
  return Array.from(text).reduce((sum, char) => sum + (ZERO.test(char) ? 0 : WIDE.test(char) ? 2 : 1), 0);
}
