/**
 * What an expectation is called, as the second argument of `expect`, that nothing runs on two nodes at once. Where it is not met the run has failed for
 * good: the gate tries other failures of whole processes once more, since a busy machine may be late, but no machine is too busy to be safe.
 */
export const neverTwo = "safety: never two";

/** The failures that are tried again, by their messages: all but those. */
export const mayBeTriedAgain = new RegExp(`^(?!${neverTwo})`);
