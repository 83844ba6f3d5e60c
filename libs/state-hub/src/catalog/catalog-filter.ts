import type { CapabilityEntry } from '@build-machines/protocol';
import type { CatalogQuery } from '../api/catalog.js';

/** Whether an entry fits all the filters of a query. */
export function fitsQuery(entry: CapabilityEntry, query: CatalogQuery): boolean {
  return (
    (query.capability_type === undefined || entry.capability_type === query.capability_type) &&
    (query.toolchain ?? []).every((wanted) => hasTool(entry, wanted)) &&
    (query.label ?? []).every((wanted) => hasLabel(entry, wanted)) &&
    (query.state === undefined || query.state.includes(entry.state))
  );
}

function hasTool(entry: CapabilityEntry, wanted: string): boolean {
  const [tool, version] = splitAtEquals(wanted);
  return entry.toolchains.some((found) => found.tool === tool && (version === undefined || found.version === version));
}

function hasLabel(entry: CapabilityEntry, wanted: string): boolean {
  const [label, value] = splitAtEquals(wanted);
  const found = Object.hasOwn(entry.labels, label) ? entry.labels[label] : undefined;
  return found !== undefined && (value === undefined || found === value);
}

function splitAtEquals(text: string): [string, string | undefined] {
  const at = text.indexOf('=');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
