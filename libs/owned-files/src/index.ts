export { isSystemError } from './errno.js';
export * from './foreign-contents.js';
export { hasMarker, isReservedPath, MARKER_NAME } from './marker.js';
export * from './owned-folder.js';
export * from './ownership-errors.js';
export * from './path-segment.js';
export * from './real-path.js';
