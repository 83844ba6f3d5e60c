import type { IncomingMessage } from 'node:http';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { PROTOCOL_VERSION, RunRequest, decodeHeader, isTreePath } from '@build-machines/protocol';
import { z } from 'zod';
import { PathRefusedError } from '../mirrors/mirror-errors.js';
import { ProtocolMismatchError, RequestMalformedError } from './agent-error.js';

/** Largest JSON body that is read into memory: a million digests. */
const MAX_JSON_BYTES = 80 * 1024 * 1024;

/** @throws RequestMalformedError */
export async function readJsonBody<T extends z.ZodType>(request: IncomingMessage, schema: T): Promise<z.infer<T>> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_JSON_BYTES)
    throw new RequestMalformedError('it is too large.');
  const body = await buffer(request);
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new RequestMalformedError('its body is not JSON.');
  }
  return parse(schema, value);
}

/**
 * Reads the header of a framed request; the contents follow when they are asked for.
 * @throws RequestMalformedError, ProtocolMismatchError, PathRefusedError
 */
export async function readRunRequest(request: IncomingMessage): Promise<{ run: RunRequest; contents: () => Readable }> {
  const unpacked = new PassThrough();
  // An error on either side reaches the reader of `unpacked`.
  pipeline(request, createGunzip(), unpacked, () => undefined);
  const { header, body } = await decode(unpacked);
  // A break before anyone reads the contents must not end the process; the reader sees it again.
  body.on('error', () => undefined);
  const version = z.object({ protocol: z.unknown() }).safeParse(header);
  if (version.data?.protocol !== PROTOCOL_VERSION)
    throw new ProtocolMismatchError(version.data?.protocol, PROTOCOL_VERSION);
  refuseEscapes(header);
  return { run: parse(RunRequest, header), contents: () => body };
}

async function decode(stream: Readable): Promise<{ header: unknown; body: Readable }> {
  try {
    return await decodeHeader(stream);
  } catch (error) {
    throw new RequestMalformedError(error instanceof Error ? error.message : String(error));
  }
}

const Paths = z.object({
  sync: z.object({
    entries: z.array(z.object({ path: z.string() })),
    removed: z.array(z.string()),
  }),
});

/** The schema would refuse such paths too, but as one of many faults of form; a path that leaves the tree has its own. */
function refuseEscapes(header: unknown): void {
  const { data } = Paths.safeParse(header);
  if (data === undefined) return;
  const { entries, removed } = data.sync;
  const escape = [...entries.map(({ path }) => path), ...removed].find((path) => !isTreePath(path));
  if (escape !== undefined) throw new PathRefusedError(escape, 'it is not a relative path inside the workspace.');
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RequestMalformedError(z.prettifyError(parsed.error));
}
