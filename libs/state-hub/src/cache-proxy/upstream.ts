import { pipeline } from 'node:stream';
import { type Agent, request } from 'undici';
import { Deadline } from './deadline.js';
import type { CacheProxyOptions } from './proxy-options.js';
import type { Spool, SpooledRecord } from './spool.js';

/** The hub answered with something that the protocol does not know, or did not answer. */
export class UpstreamFaultError extends Error {}

/** The hub as the proxy sees it: each call ends within the limits of the options, well or with a fault. */
export class Upstream {
  readonly #options: CacheProxyOptions;
  readonly #agent: Agent;

  constructor(options: CacheProxyOptions, agent: Agent) {
    this.#options = options;
    this.#agent = agent;
  }

  /**
   * Fetches a record whole and checks it against the length and digest that the hub announced.
   * @returns the record, or the status that says why there is none (404, 403).
   * @throws UpstreamFaultError
   */
  async fetch(hash: string, spool: Spool): Promise<SpooledRecord | 403 | 404> {
    const deadline = new Deadline(this.#options);
    try {
      const { statusCode, headers, body } = await request(this.#url(hash), {
        dispatcher: this.#agent,
        headers: { authorization: `Bearer ${this.#options.hubToken}` },
        signal: deadline.signal,
      });
      deadline.moved();
      if (statusCode !== 200) {
        await body.dump();
        if (statusCode === 404 || statusCode === 403) return statusCode;
        throw new Error(`it answered ${statusCode}`);
      }
      const metered = pipeline(body, deadline.meter(), () => undefined);
      const record = await spool.receive(metered, this.#options.maxEntryBytes, deadline.signal);
      const digest = /^"([0-9a-f]{64})"$/.exec(String(headers.etag ?? ''))?.[1];
      const announced = headers['content-length'];
      if (
        (announced !== undefined && Number(announced) !== record.size) ||
        (digest !== undefined && digest !== record.sha256)
      ) {
        await record.remove();
        throw new Error('what arrived is not what was announced');
      }
      return record;
    } catch (error) {
      throw new UpstreamFaultError(describe(error, deadline), { cause: error });
    } finally {
      deadline.clear();
    }
  }

  /**
   * Stores a record.
   * @returns the hub's status: 200, 409 (it is there already), or 403 (the token may not write).
   * @throws UpstreamFaultError
   */
  async store(hash: string, record: SpooledRecord): Promise<200 | 403 | 409> {
    const deadline = new Deadline(this.#options);
    try {
      const { statusCode, body } = await request(this.#url(hash), {
        method: 'PUT',
        dispatcher: this.#agent,
        headers: {
          authorization: `Bearer ${this.#options.hubToken}`,
          'content-type': 'application/octet-stream',
          'content-length': String(record.size),
        },
        body: pipeline(record.read(), deadline.meter(), () => undefined),
        signal: deadline.signal,
      });
      deadline.moved();
      await body.dump();
      if (statusCode === 200 || statusCode === 403 || statusCode === 409) return statusCode;
      throw new Error(`it answered ${statusCode}`);
    } catch (error) {
      throw new UpstreamFaultError(describe(error, deadline), { cause: error });
    } finally {
      deadline.clear();
    }
  }

  #url(hash: string): string {
    return `${this.#options.hubUrl.replace(/\/+$/, '')}/v1/cache/${hash}`;
  }
}

function describe(error: unknown, deadline: Deadline): string {
  const reason: unknown = deadline.signal.aborted ? deadline.signal.reason : error;
  return reason instanceof Error ? reason.message : String(reason);
}
