export * from './access/machine-access.js';
export * from './state/state-folder.js';
