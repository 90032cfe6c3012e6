/** The tape: the record of operations, and the walk backwards over it. */
export { Adjoints } from "./adjoints.ts";
export { debugging, debugNans, type DebugSetting } from "./debug.ts";
export { forwardWalk, Tangents } from "./forward_walk.ts";
export { printValue } from "./print.ts";
export { appendProgram, cutProgram, type Program, type ProgramRow } from "./program.ts";
export { reverseWalk } from "./reverse_walk.ts";
export {
  CONSTANT,
  type Frame,
  INPUT,
  LEAF,
  type Owner,
  type ReadGuard,
  type Side,
  Tape,
  tape,
  TRAINABLE,
} from "./tape.ts";
