/** A registered VM. */
export interface RegisteredVm {
  readonly name: string;
  readonly uuid: string;
}

/** Reads `list vms`: lines `"name" {uuid}`; names may hold anything but a line end. */
export function parseVmList(stdout: string): readonly RegisteredVm[] {
  return [...stdout.matchAll(/^"(.*)" \{([0-9a-f-]{36})\}\r?$/gm)].map(([, name = '', uuid = '']) => ({ name, uuid }));
}
