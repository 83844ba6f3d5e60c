import { CapabilityState, type CatalogMapping, InstalledTool, isRecord, valueAt } from '@build-machines/protocol';
import { z } from 'zod';

/** A machine as far as any State Hub tells of it. */
export interface CatalogMachine {
  readonly name: string;
  readonly machineId: string | null;
  readonly tunnelPort: number | null;
  readonly toolchains: readonly { tool: string; version: string }[];
  readonly labels: Readonly<Record<string, string>>;
  /** `unknown`: the hub does not say, or says it in words of its own. Such a machine is tried, not trusted. */
  readonly state: CapabilityState | 'unknown';
  readonly slots: number;
}

const Tool = InstalledTool.pick({ tool: true, version: true }).or(
  z
    .string()
    .regex(/^[a-z-]+[ =-][0-9][0-9.]*$/)
    .transform((text) => {
      const [, tool = '', version = ''] = /^(.*)[ =-]([0-9.]+)$/.exec(text) ?? [];
      return { tool, version };
    }),
);

/** Reads an entry by a mapping. Null when it has no name: it cannot be a machine of ours. */
export function readEntry(entry: unknown, { fields }: CatalogMapping): CatalogMachine | null {
  const name = z.string().min(1).safeParse(valueAt(entry, fields.name));
  if (!name.success) return null;
  const labels = valueAt(entry, fields.labels);
  return {
    name: name.data,
    machineId: z.coerce
      .string()
      .nullable()
      .catch(null)
      .parse(valueAt(entry, fields.machineId) ?? null),
    tunnelPort: z.coerce
      .number()
      .int()
      .nullable()
      .catch(null)
      .parse(valueAt(entry, fields.tunnelPort) ?? null),
    toolchains: readTools(valueAt(entry, fields.toolchains)),
    labels: isRecord(labels)
      ? Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, String(value)]))
      : {},
    state: CapabilityState.or(z.literal('unknown')).catch('unknown').parse(valueAt(entry, fields.state)),
    slots: z.coerce.number().int().positive().catch(1).parse(valueAt(entry, fields.slots)),
  };
}

/** A list of tools, or an object of versions by tool. What cannot be read is left out. */
function readTools(value: unknown): { tool: string; version: string }[] {
  if (isRecord(value)) {
    return Object.entries(value).flatMap(([tool, versions]) =>
      [versions].flat().map((version) => ({ tool, version: String(version) })),
    );
  }
  if (!Array.isArray(value)) return [];
  return value.flatMap((one) => {
    const parsed = Tool.safeParse(one);
    return parsed.success ? [parsed.data] : [];
  });
}
