/** Task queues of one deployment. A prefix keeps several deployments (or tests) apart on one server. */
export interface TaskQueues {
  /** Workflow tasks of `analyzeMedia`. */
  readonly analyses: string;
  /** Activities that need ffmpeg, sharp and the face detector. */
  readonly media: string;
  /** Activities that need the model. */
  readonly inference: string;
}

export function taskQueues(prefix = ''): TaskQueues {
  return {
    analyses: `${prefix}analyses`,
    media: `${prefix}media`,
    inference: `${prefix}inference`,
  };
}
