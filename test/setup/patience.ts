/** By how many times longer than usual the tests wait for what comes in the end: a machine whose processors others have shall be late, and not wrong. What must not be late is measured all the same. */
export const patience = 3;
