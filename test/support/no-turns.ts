import type { InjectedSinks } from '@temporalio/worker';
import type { TurnSinks } from '../../workflows/turns.js';

const nothing = { fn: () => undefined };

/** For a worker that replays: nobody has to know what its runs tell. */
export const noTurns: InjectedSinks<TurnSinks> = {
  turns: { begun: nothing, isShort: nothing, left: nothing },
};
