/** Name under which Nx lists the plugin. */
export const name = 'build-machines';

export * from './graph/index.js';
export { postTasksExecution } from './not-run/post-tasks-execution.js';
