/**
 * An aggregate in its pure form: `decide` answers a command with events (or refuses by throwing), `evolve`
 * applies an event to the state. Neither knows the time, chance, or any library.
 */
export interface Decider<State, Command, Event> {
  readonly initialState: State
  decide(command: Command, state: State): Event[]
  evolve(state: State, event: Event): State
}

/** The state that a history of events leads to. */
export function fold<State, Event>(
  { evolve }: Pick<Decider<State, never, Event>, 'evolve'>,
  state: State,
  events: readonly Event[],
): State {
  return events.reduce((current, event) => evolve(current, event), state)
}
