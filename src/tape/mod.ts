/** The tape: the record of operations, and the walk backwards over it. */
export { Adjoints } from "./adjoints.ts";
export { findDependences, INNER, OUTER } from "./dependences.ts";
export { dropWalked, lowestReached } from "./drop_walked.ts";
export { debugging, debugNans, type DebugSetting } from "./debug.ts";
export { forwardWalk, Tangents } from "./forward_walk.ts";
export { printValue } from "./rule_text.ts";
export { reverseWalk } from "./reverse_walk.ts";
export type { Explanation, WalkStep } from "./explain.ts";
export type { Notes } from "./notes.ts";
export { CONSTANT, INPUT, LEAF, type Rows, TRAINABLE } from "./rows.ts";
export { Tape, tape } from "./tape.ts";
export type { Frame, Group, Owner, Read, ReadGuard, Scope, Side } from "./types.ts";
