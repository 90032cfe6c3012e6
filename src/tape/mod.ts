/** The tape: the record of operations, and the walk backwards over it. */
export { Adjoints } from "./adjoints.ts";
export { findDependences, INNER, OUTER } from "./dependences.ts";
export { dropWalked } from "./drop_walked.ts";
export { debugging, debugNans, type DebugSetting } from "./debug.ts";
export { forwardWalk, Tangents } from "./forward_walk.ts";
export { printValue } from "./print.ts";
export { reverseWalk } from "./reverse_walk.ts";
export { CONSTANT, INPUT, LEAF, Tape, tape, TRAINABLE } from "./tape.ts";
export type { Frame, Owner, Read, ReadGuard, Scope, Side } from "./types.ts";
