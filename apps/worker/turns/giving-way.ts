import { Context } from '@temporalio/activity';
import type { Tenants } from './tenants.js';

/** The same activities, each of which waits for its tenant's turn first. */
export function givingWay<T extends object>(tenants: Tenants, activities: T): T {
  const waiting = Object.entries(activities).map(([name, run]) => [
    name,
    async (...args: unknown[]) => {
      await tenants.turn(Context.current().info.priority?.fairnessKey ?? '');
      return (run as (...all: unknown[]) => Promise<unknown>)(...args);
    },
  ]);
  return Object.fromEntries(waiting) as T;
}
