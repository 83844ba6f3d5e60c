import {
  CAPABILITY_TYPE,
  type CapabilityRegistration,
  CatalogMapping,
  type CatalogMappingInput,
  isRecord,
  mappedRegistration,
  valueAt,
} from '@build-machines/protocol';
import { z } from 'zod';
import { HubAnswerError } from '../client/hub-client-errors.js';
import { HubClient } from '../client/hub-client.js';
import { HubConnection, type HubConnectionOptions } from '../client/hub-connection.js';
import { HUB_FEATURES, type HubFeature, HubFeatureMissingError } from './external-errors.js';
import { type CatalogMachine, readEntry } from './external-machine.js';

/**
 * A State Hub of which only the catalog is used: the least that `hubUrl` may point at. Answers may have any further
 * fields; see {@link CatalogMapping} for what is assumed.
 */
export class CatalogClient {
  readonly #connection: HubConnection;
  readonly #mapping: CatalogMapping;

  constructor({ mapping, ...connection }: HubConnectionOptions & { mapping?: CatalogMappingInput | undefined }) {
    this.#connection = new HubConnection(connection);
    this.#mapping = CatalogMapping.parse(mapping ?? {});
  }

  /** The build machines. @throws HubUnreachableError, HubAnswerError when the answer holds no list. */
  async list(signal?: AbortSignal): Promise<CatalogMachine[]> {
    const { listPath, typeParameter, collection, fields } = this.#mapping;
    const answer = await this.#connection.json(z.unknown(), listPath, {
      query: { [typeParameter]: CAPABILITY_TYPE },
      signal,
    });
    const entries = Array.isArray(answer) ? (answer as unknown[]) : valueAt(answer, collection);
    if (!Array.isArray(entries)) throw new HubAnswerError(this.#connection.url, `no list at ${collection.join(', ')}`);
    return entries
      .filter((entry) => (valueAt(entry, fields.type) ?? CAPABILITY_TYPE) === CAPABILITY_TYPE)
      .flatMap((entry) => readEntry(entry, this.#mapping) ?? []);
  }

  /** Registers a machine. @returns the id that the hub gave it, if it gave one. */
  async register(registration: CapabilityRegistration, signal?: AbortSignal): Promise<string | null> {
    const { registerPath } = this.#mapping;
    const json = mappedRegistration(registration, this.#mapping);
    const answer = await this.#connection.json(z.unknown(), registerPath, { method: 'POST', json, signal });
    const id = isRecord(answer) ? answer['id'] : undefined;
    return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
  }
}

/** A hub of either kind. */
export interface ConnectedHub {
  readonly url: string;
  /** What any hub can. */
  readonly catalog: CatalogClient;
  /** What this hub cannot, by name; empty for a hub of build-machines. */
  readonly missing: readonly HubFeature[];
  /** The full client. @throws HubFeatureMissingError naming `forFeature` when this is another hub. */
  full(forFeature: HubFeature): HubClient;
}

/**
 * Connects to the hub at an address and finds out of which kind it is: a hub of build-machines says so at `/healthz`.
 * @throws HubUnreachableError when nothing answers.
 */
export async function connectHub(
  options: HubConnectionOptions & { mapping?: CatalogMappingInput | undefined },
  signal?: AbortSignal,
): Promise<ConnectedHub> {
  const catalog = new CatalogClient(options);
  const client = new HubClient(options);
  const isOurs = await client.isBuildMachinesHub(signal);
  return {
    url: client.url,
    catalog,
    missing: isOurs ? [] : HUB_FEATURES,
    full(forFeature) {
      if (!isOurs) throw new HubFeatureMissingError(client.url, forFeature);
      return client;
    },
  };
}
