import { Context, log } from '@temporalio/activity';
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  Next,
} from '@temporalio/worker';

/** Tells the log, at `debug`, of each attempt that succeeded: how long it took, and whether it found its output already made. */
export class OutcomeLog implements ActivityInboundCallsInterceptor {
  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    const began = performance.now();
    const output = await next(input);
    const { workflowExecution, activityId, activityType, attempt } = Context.current().info;
    log.debug('activity done', {
      workflowId: workflowExecution?.workflowId,
      runId: workflowExecution?.runId,
      activityId,
      activityType,
      attempt,
      durationMs: Math.round(performance.now() - began),
      ...(hasReused(output) ? { reused: output.reused } : {}),
    });
    return output;
  }
}

function hasReused(output: unknown): output is { readonly reused: boolean } {
  return typeof output === 'object' && output !== null && 'reused' in output;
}
