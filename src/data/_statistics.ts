/** The middle of numbers, or the mean of the two in the middle. */
export function median(values: Float64Array): number {
  return quantile(values.slice().sort(), 0.5);
}

/** The number below which a share of sorted numbers lies, interpolated linearly. */
export function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}
