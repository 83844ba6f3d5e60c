/** What an OVF has to say of a virtual machine with one disk and one network card. */
export interface OvfDescription {
  readonly name: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly disk: {
    /** Name of the streamOptimized VMDK in the same archive. */
    readonly file: string;
    readonly fileBytes: number;
    /** Size that the guest sees. */
    readonly capacityBytes: number;
  };
  /** A sentence for people, shown by VirtualBox; may be empty. */
  readonly annotation: string;
}

/** CIM_OperatingSystem.OsType: 94 is 64-bit Ubuntu, under the name that VirtualBox writes itself. */
const UBUNTU_64 = 94;

/** rasd:ResourceType of DSP0243's CIM_ResourceAllocationSettingData. */
const RESOURCE = { cpu: 3, memory: 4, network: 10, disk: 17, sata: 20 } as const;

/**
 * Renders an OVF 1.0 envelope that VirtualBox imports: BIOS firmware, SATA disk, one E1000 card on NAT (which vm-import
 * makes a bridged one).
 */
export function renderOvf({ name, cpus, memoryMiB, disk, annotation }: OvfDescription): string {
  const items = [
    item(1, `${cpus} virtual CPU`, RESOURCE.cpu, { VirtualQuantity: cpus }),
    item(2, `${memoryMiB} MB of memory`, RESOURCE.memory, { AllocationUnits: 'MegaBytes', VirtualQuantity: memoryMiB }),
    item(3, 'sataController0', RESOURCE.sata, { Address: 0, ResourceSubType: 'AHCI' }),
    item(4, 'disk1', RESOURCE.disk, { AddressOnParent: 0, HostResource: '/disk/vmdisk1', Parent: 3 }),
    item(5, "Ethernet adapter on 'NAT'", RESOURCE.network, {
      AutomaticAllocation: 'true',
      Connection: 'NAT',
      ResourceSubType: 'E1000',
    }),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope ovf:version="1.0" xml:lang="en-US" xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <References>
    <File ovf:id="file1" ovf:href="${xml(disk.file)}" ovf:size="${disk.fileBytes}"/>
  </References>
  <DiskSection>
    <Info>Virtual disks</Info>
    <Disk ovf:diskId="vmdisk1" ovf:fileRef="file1" ovf:capacity="${disk.capacityBytes}" ovf:capacityAllocationUnits="byte" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
  </DiskSection>
  <NetworkSection>
    <Info>Networks</Info>
    <Network ovf:name="NAT"><Description>NAT</Description></Network>
  </NetworkSection>
  <VirtualSystem ovf:id="${xml(name)}">
    <Info>A virtual machine</Info>
    <Name>${xml(name)}</Name>
    <AnnotationSection><Info>A human-readable annotation</Info><Annotation>${xml(annotation)}</Annotation></AnnotationSection>
    <OperatingSystemSection ovf:id="${UBUNTU_64}"><Info>Guest OS</Info><Description>Ubuntu_64</Description></OperatingSystemSection>
    <VirtualHardwareSection>
      <Info>Virtual hardware</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>${xml(name)}</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>virtualbox-2.2</vssd:VirtualSystemType>
      </System>
${items.join('\n')}
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
`;
}

/** One rasd item; the schema wants its elements in alphabetical order. */
function item(id: number, name: string, type: number, rest: Readonly<Record<string, string | number>>): string {
  const elements = Object.entries({ ...rest, ElementName: name, InstanceID: id, ResourceType: type })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([tag, value]) => `        <rasd:${tag}>${xml(String(value))}</rasd:${tag}>`);
  return ['      <Item>', ...elements, '      </Item>'].join('\n');
}

function xml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** What we need to know of an OVF that someone else made. */
export interface OvfFacts {
  /** Files that it refers to; the first is the system disk. */
  readonly files: readonly string[];
  readonly name: string | undefined;
  readonly cpus: number | undefined;
  readonly memoryMiB: number | undefined;
}

/** Reads the few elements that we need, whatever namespace prefixes the writer chose. */
export function readOvf(text: string): OvfFacts {
  const items = [...text.matchAll(/<(?:\w+:)?Item\b[^>]*>([\s\S]*?)<\/(?:\w+:)?Item>/g)].map(([, body = '']) => body);
  const quantity = (type: number): number | undefined => {
    const body = items.find((candidate) => element(candidate, 'ResourceType') === String(type));
    const value = body === undefined ? undefined : element(body, 'VirtualQuantity');
    return value === undefined ? undefined : Number(value);
  };
  return {
    files: [...text.matchAll(/<(?:\w+:)?File\b[^>]*?\b(?:\w+:)?href="([^"]+)"/g)].map(([, href = '']) => href),
    name: element(text, 'Name'),
    cpus: quantity(RESOURCE.cpu),
    memoryMiB: quantity(RESOURCE.memory),
  };
}

function element(text: string, tag: string): string | undefined {
  return new RegExp(`<(?:\\w+:)?${tag}>([^<]*)</`).exec(text)?.[1];
}
