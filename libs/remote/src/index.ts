export * from './connection/agent-info.js';
export * from './connection/agent-transport.js';
export * from './connection/connection-errors.js';
export * from './connection/direct-transport.js';
export * from './runs/run-errors.js';
export * from './runs/run-progress.js';
export * from './runs/run-remotely.js';
export type { SyncFigures } from './runs/submit.js';
export * from './sync/sync-errors.js';
