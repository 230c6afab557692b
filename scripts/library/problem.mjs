// What went wrong, in one sentence that says what to do. Printed as it stands, without a stack trace.

export class Problem extends Error {}
