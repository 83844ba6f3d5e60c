/** `sync` has no options. */
export type SyncGeneratorSchema = Record<string, never>;
