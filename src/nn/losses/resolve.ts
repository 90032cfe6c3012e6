import { coreLoss } from "./functions.ts";
import { isLoss, type Loss, losses, type LossFunction, lossOfFunction } from "./loss.ts";

/**
 * Looks a loss up, or takes a function as one.
 *
 * @throws {RangeError} If there is none of that name
 */
export function lossOf(loss: string | LossFunction | Loss): Loss {
  if (typeof loss === "function") return coreLoss(loss) ?? lossOfFunction(loss);
  return losses.resolve(loss, isLoss);
}
