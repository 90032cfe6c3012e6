/** Where threads meet: words at the start of the shared memory, which no block ever covers. In bytes. */

/** How many threads have come to the barrier. */
export const ARRIVED = 64;
/** How often all threads have come to the barrier. */
export const TURN = 128;
/** Not 0 after a thread has failed; the length of the reason follows, and its text, also of why a program was refused. */
export const FAILED = 192;
export const REASON = 256;
export const REASON_BYTES = 768;
/** The mailbox of thread 1, followed by those of the others. */
export const MAILBOX = 1024;
export const MAILBOX_BYTES = 64;
/** The most threads there can be, with the main one. */
export const MOST_THREADS = 16;

// Words of a mailbox.
/** Counts what was sent; {@linkcode GONE} once the worker has ended because nothing came for a while. */
export const SEQUENCE = 0;
/** What was sent: {@linkcode RUN}, {@linkcode RELOAD}, {@linkcode STAY} or {@linkcode EXIT}. */
export const KIND = 1;
/** What to run, and where the program's memory begins. */
export const PROGRAM = 2;
export const SEGMENT = 3;
export const BASE = 4;
/** The number of what has been dealt with last; {@linkcode GONE} once the worker has ended as told. */
export const DONE = 5;
/** The last program that the worker could not make ready. */
export const REFUSED = 6;

/** Run a segment. */
export const RUN = 1;
/** There is a message: return to the event loop. */
export const RELOAD = 2;
/** End. */
export const EXIT = 3;
/** Answer, and wait for more as if it were new. */
export const STAY = 4;
export const GONE: number = -1;

/** Milliseconds between looks at whether another thread has failed. */
export const WATCH = 100;
