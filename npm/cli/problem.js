// What went wrong, in one sentence that says what to do. Printed as it stands, without a stack trace.

/** The command could not do what was asked. */
export class Problem extends Error {}

/** The command line is not one that can be understood. */
export class UsageProblem extends Problem {}
