/** The finite numbers of a list: the lowest, the highest, and how many there are. */
export function finiteRange(data: ArrayLike<number>): {
  readonly low: number;
  readonly high: number;
  readonly count: number;
} {
  let [low, high, count] = [Infinity, -Infinity, 0];
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i]!)) continue;
    low = Math.min(low, data[i]!);
    high = Math.max(high, data[i]!);
    count++;
  }
  return { low, high, count };
}

/** How many finite numbers fall into each of some bars of a width, the first of which begins at `low`. */
export function countInBars(data: ArrayLike<number>, low: number, width: number, bars: number): number[] {
  const counts = new Array<number>(bars).fill(0);
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i]!)) counts[Math.min(bars - 1, Math.floor((data[i]! - low) / width))]!++;
  }
  return counts;
}
