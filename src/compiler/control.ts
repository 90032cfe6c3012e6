/** Where threads meet: words at the start of the shared memory, which no block ever covers. In bytes. */

/** How many threads have come to the barrier. */
export const ARRIVED = 64;
/** How often all threads have come to the barrier. */
export const TURN = 128;
/** Not 0 after a thread has failed; the length of the reason follows, and its text. */
export const FAILED = 192;
export const REASON = 256;
export const REASON_BYTES = 768;
/** The mailbox of thread 1, followed by those of the others. */
export const MAILBOX = 1024;
export const MAILBOX_BYTES = 64;
/** The most threads there can be, with the main one. */
export const MOST_THREADS = 16;
