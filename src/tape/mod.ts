/** The tape: the record of operations, and the walk backwards over it. */
export { Adjoints } from "./adjoints.ts";
export { printValue } from "./print.ts";
export { reverseWalk } from "./reverse_walk.ts";
export { CONSTANT, type Frame, INPUT, LEAF, type Owner, type Side, Tape, tape, TRAINABLE } from "./tape.ts";
