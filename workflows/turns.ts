import { proxySinks, type Sinks } from '@temporalio/workflow';

/**
 * What a run tells the worker that has it, which lets no more runs begin than it and the machine have hands for: those that
 * come later wait on the server, where tenants take turns. It leaves nothing in the run's history.
 */
export interface TurnSinks extends Sinks {
  readonly turns: {
    /** The run has begun, and asks what its medium and its model are. */
    begun(): void;
    /** It is known to be short, and its model's workers answer. */
    isShort(): void;
    /** It has ended, or is long: segments of long media have queues and slots of their own. */
    left(): void;
  };
}

export const { turns } = proxySinks<TurnSinks>();
