/** Opcodes from here on are leaves: rows without operands. */
export const LEAF = 0xfff0;
/** A value that takes part in a recorded operation but is not differentiated. */
export const CONSTANT = 0xfff0;
/** A differentiated input of a transform. */
export const INPUT = 0xfff1;
/** A trainable Variable. */
export const TRAINABLE = 0xfff2;
