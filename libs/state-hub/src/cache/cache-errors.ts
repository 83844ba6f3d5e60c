import { HubRequestError } from '../errors/hub-error.js';

/** The cache has nothing under this hash. */
export class CacheMissError extends HubRequestError {
  readonly code = 'cache-miss';
  readonly status = 404;

  constructor(hash: string) {
    super(`the cache has no record ${hash}`, { hint: '' });
  }
}

/** A record is never overwritten: whoever may write could otherwise change what others restore. */
export class CacheConflictError extends HubRequestError {
  readonly code = 'cache-conflict';
  readonly status = 409;

  constructor(hash: string) {
    super(`the cache has a record ${hash} already; an existing record is never overwritten`, { hint: '' });
  }
}

/** The upload does not say how long it is. */
export class CacheLengthMissingError extends HubRequestError {
  readonly code = 'cache-length-missing';
  readonly status = 411;

  constructor() {
    super('an upload needs a Content-Length', { hint: '' });
  }
}

/** An upload to the remote cache is larger than one entry may be. */
export class CacheEntryTooLargeError extends HubRequestError {
  readonly code = 'cache-entry-too-large';
  readonly status = 413;

  constructor(bytes: number, limit: number) {
    super(`an upload of ${bytes} bytes is larger than the cache takes (${limit} bytes)`, {
      hint: 'Narrow the outputs of the target, or raise the limit: --cache-max-entry-bytes',
    });
  }
}

/** The upload ended before its Content-Length was reached. Nothing is kept of it. */
export class CacheUploadCutError extends HubRequestError {
  readonly code = 'cache-upload-cut';
  readonly status = 400;

  constructor(got: number, announced: number) {
    super(`the upload ended after ${got} of ${announced} bytes`, { hint: '' });
  }
}

/** There is no room on the disk for an upload to the remote cache. */
export class CacheDiskFullError extends HubRequestError {
  readonly code = 'cache-disk-full';
  readonly status = 507;

  constructor(folder: string, cause: unknown) {
    super(`the disk of the cache is full (${folder})`, { hint: 'Free space, or lower --cache-max-bytes.', cause });
  }
}
