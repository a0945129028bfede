/** A command could not do its work, for a reason the person who gave it can act on: shown without a stack. */
export class CommandError extends Error {}

/** The command was given wrongly. */
export class UsageError extends CommandError {}
