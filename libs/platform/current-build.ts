import type { Connection } from '@temporalio/client';

/** To which workers of a task queue the server gives new runs. */
export interface QueueBuilds {
  /** The build that is current, and the one that is ramped up; null = the workers without Worker Versioning. */
  readonly receiving: readonly (string | null)[];
  /** Builds whose workers have Worker Versioning. */
  readonly versioned: ReadonlySet<string>;
}

/** How a build is called here: `deployment build`; null where there is none. */
export function buildName(
  version:
    | { readonly deploymentName?: string | null; readonly buildId?: string | null }
    | null
    | undefined,
): string | null {
  const { deploymentName, buildId } = version ?? {};
  return deploymentName && buildId ? `${deploymentName} ${buildId}` : null;
}

/** Asks the server which builds poll a queue of workflows, and which of them is current. */
export async function queueBuilds(
  connection: Connection,
  namespace: string,
  taskQueue: string,
): Promise<QueueBuilds> {
  const described = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: WORKFLOWS,
  });
  const versioned = described.pollers.flatMap(({ deploymentOptions }) => {
    const name = buildName(deploymentOptions);
    return Number(deploymentOptions?.workerVersioningMode) === VERSIONED && name !== null
      ? [name]
      : [];
  });
  const { versioningInfo: info } = described;
  const isRamping = (info?.rampingVersionPercentage ?? 0) > 0;
  const receiving = [
    buildName(info?.currentDeploymentVersion),
    ...(isRamping ? [buildName(info?.rampingDeploymentVersion)] : []),
  ];
  return { receiving, versioned: new Set(versioned) };
}

/** `temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW`. */
const WORKFLOWS = 1;
/** `temporal.api.enums.v1.WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED`. */
const VERSIONED = 2;
