import { isMap, isNode, isScalar, isSeq, type Document, type Node } from 'yaml';

/** Keys and indices that lead from the root of a document to a value. */
export type YamlPath = readonly PropertyKey[];

/**
 * Offset in the text of what a path leads to: of the key, for a value in a mapping, of the item, for one in a sequence.
 * Where the path leaves the document (a key that is missing), of the innermost part that exists.
 */
export function positionOf(document: Document.Parsed, path: YamlPath): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      const item: unknown = node.items[step];
      offset = startOf(item) ?? offset;
      node = item;
    } else return offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}
