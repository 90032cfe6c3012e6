/** What reads the arguments of public functions: a value in the right form, or an error that names operation, value and remedy. */
export { readAxes, readAxis, readAxisList } from "./axes.ts";
export {
  FINITE,
  isList,
  type NumberRange,
  POSITIVE,
  readAnyNumber,
  readInteger,
  readIntegers,
  readNumber,
} from "./numbers.ts";
export { checkOptions, type Complete, type Defaults, nearestName, readOptions } from "./options.ts";
export { checkSize, MOST_ELEMENTS, readLengths, readShape } from "./shapes.ts";
export { readBoolean, readChoice, readFunction, readList, readText } from "./values.ts";
