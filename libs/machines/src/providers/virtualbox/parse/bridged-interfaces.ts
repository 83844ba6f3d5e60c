/** An interface of the hypervisor's host that a VM can be bridged to. */
export interface BridgedInterface {
  readonly name: string;
  readonly address: string;
  readonly wireless: boolean;
  readonly up: boolean;
}

/** Reads `list bridgedifs`: blocks of `Key:   value`, separated by empty lines. */
export function parseBridgedInterfaces(stdout: string): readonly BridgedInterface[] {
  return stdout
    .split(/\r?\n\r?\n/)
    .map(
      (block) => new Map([...block.matchAll(/^(\w+): +(.*?)\r?$/gm)].map(([, key = '', value = '']) => [key, value])),
    )
    .filter((block) => block.has('Name') && block.has('IPAddress'))
    .map((block) => ({
      name: block.get('Name') ?? '',
      address: block.get('IPAddress') ?? '',
      wireless: block.get('Wireless') === 'Yes',
      up: block.get('Status') === 'Up',
    }));
}
