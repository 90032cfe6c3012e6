/**
 * Evaluates a function at a trial point. An error there, such as that of a matrix which is not positive definite,
 * counts like a value that is not finite: the search steps back from the point and keeps the best one. A TypeError
 * is thrown on, as it says that the function is wrong, not the point.
 *
 * @param failed What stands for the result where there is none
 */
export function tryPoint<R>(evaluate: () => R, failed: R): R {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof TypeError || error instanceof ReferenceError || error instanceof SyntaxError) {
      throw error;
    }
    return failed;
  }
}
