/**
 * A number from 0 to 2^53 - 1 for a text, the same one everywhere: two runs of FNV-1a (Fowler, Noll, Vo), over the
 * UTF-16 code units, with different starts.
 */
export function hashText(text: string): number {
  const low = fnv(text, 0x811c9dc5);
  const high = fnv(text, 0x9e3779b9) & 0x1fffff;
  return high * 0x100000000 + low;
}

function fnv(text: string, start: number): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
