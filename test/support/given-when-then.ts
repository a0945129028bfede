import { type Decider, fold } from '../../src/kernel/index.js'
import { deepFreeze } from './deep-freeze.factory.js'

/** What an aggregate answers to a command. */
export interface Answer<State, Event> {
  /** It records exactly these events. */
  yields(...events: Event[]): void
  /** It has nothing to record. */
  yieldsNothing(): void
  /** It refuses, and records nothing. */
  isRefused(reason: new (...args: never[]) => Error): void
  /** The state after what it records. */
  leadsTo(state: State): void
}

/** Given what happened so far, when a command comes. */
export interface Examples<State, Command, Event> {
  given: (...history: Event[]) => { when: (command: Command) => Answer<State, Event> }
}

/** Examples of an aggregate. All that is passed in is frozen, so that a decision that changes it fails. */
export function examplesOf<State, Command, Event>(
  decider: Decider<State, Command, Event>,
): Examples<State, Command, Event> {
  return {
    given: (...history) => ({
      when: (command) => {
        const state = deepFreeze(fold(decider, decider.initialState, deepFreeze(history)))
        return answer(decider, state, () => decider.decide(deepFreeze(command), state))
      },
    }),
  }
}

function answer<State, Command, Event>(
  decider: Decider<State, Command, Event>,
  state: State,
  decide: () => Event[],
): Answer<State, Event> {
  return {
    yields: (...events) => {
      expect(decide()).toEqual(events)
    },
    yieldsNothing: () => {
      expect(decide()).toEqual([])
    },
    isRefused: (reason) => {
      expect(decide).toThrow(reason)
    },
    leadsTo: (expected) => {
      expect(fold(decider, state, deepFreeze(decide()))).toEqual(expected)
    },
  }
}
