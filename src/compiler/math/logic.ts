import type { Lane, Lanes } from "./lanes.ts";

type PartialBuilder = (L: Lanes, ...operands: Lane[]) => Lane | undefined;

/** A mask as the numbers 1 and 0. */
function asNumber(L: Lanes, mask: Lane): Lane {
  return L.and(mask, L.constant(1));
}

/** The mask that a lane is the number of, if there is one. */
function maskOf(L: Lanes, lane: Lane): Lane | undefined {
  const [mask, one] = lane.operands;
  return lane.operation === "and" && mask!.isMask && one === L.constant(1) ? mask : undefined;
}

function comparison(name: "eq" | "ne" | "lt" | "le" | "gt" | "ge"): PartialBuilder {
  return (L, x, y) => {
    const mask = maskOf(L, x!);
    if (y === L.constant(0) && mask !== undefined) {
      if (name === "ne" || name === "gt") return x;
      if (name === "eq" || name === "le") return asNumber(L, L.not(mask));
    }
    return asNumber(L, name === "ne" && x === y ? L.isNan(x!) : L[name](x!, y!));
  };
}

/** Combines two masks, if both operands are masks. */
function combination(name: "and" | "or"): PartialBuilder {
  return (L, x, y) => {
    const [first, second] = [maskOf(L, x!), maskOf(L, y!)];
    return first && second && asNumber(L, L[name](first, second));
  };
}

/** The product of a mask's numbers and 0. */
function timesZero(L: Lanes, mask: Lane, factor: Lane): Lane | undefined {
  return factor === L.constant(0) && maskOf(L, mask) !== undefined ? factor : undefined;
}

/**
 * Comparisons and what is done with their results, which are the numbers 1 and 0 but stay masks as long as they
 * are only combined or tested. A function that has no such form gives undefined.
 */
export const logic: Readonly<Record<string, PartialBuilder>> = {
  eq: comparison("eq"),
  ne: comparison("ne"),
  lt: comparison("lt"),
  le: comparison("le"),
  gt: comparison("gt"),
  ge: comparison("ge"),
  mul: (L, x, y) => combination("and")(L, x!, y!) ?? timesZero(L, x!, y!) ?? timesZero(L, y!, x!),
  min: combination("and"),
  max: combination("or"),
  sub: (L, x, y) => {
    const mask = maskOf(L, y!);
    return x === L.constant(1) && mask !== undefined ? asNumber(L, L.not(mask)) : undefined;
  },
  select: (L, condition, x, y) => {
    const known = L.numberOf(condition!);
    if (known !== undefined) return known !== 0 ? x : y;
    const mask = maskOf(L, condition!);
    if (mask?.operation === "not") return L.select(mask.operands[0]!, y!, x!);
    return L.select(mask ?? L.ne(condition!, L.constant(0)), x!, y!);
  },
};
