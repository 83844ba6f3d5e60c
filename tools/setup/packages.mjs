// What the workstation must have, by Debian/Ubuntu package, and for what. Plain Node: it runs before `npm ci`.

/** What the main job needs on a computer that is workstation and (sandbox) build machine at once. */
export const runtimePackages = {
  git: 'lists the sources to send',
  'openssh-client': 'ssh and ssh-keygen',
  'openssh-server': "sshd, for the embedded relay and the sandbox's own server (the system service is not needed)",
  autossh: 'keeps the tunnel up',
  ghc: 'the compiler in the sandbox machine',
  'cabal-install': 'builds Haskell packages in the sandbox machine',
};

/** What each part of the tests needs beyond npm packages. Unit tests need nothing. */
const live = {
  ...runtimePackages,
  openssl: 'makes the certificates of a hub with TLS',
  procps: 'looks for processes left behind',
  'qemu-utils': 'converts disks',
};

const journeys = {
  ...runtimePackages,
  chromium: "looks at the State Hub's page",
  'dpkg-dev': 'fetches Debian source packages, the real projects that the tests build',
  faketime: 'sets a clock ten minutes off',
  hpack: 'turns package.yaml into a cabal file',
  'libghc-hspec-dev': 'a test library that real projects use',
  'libghc-quickcheck2-dev': 'a test library that the real projects of the tests use',
  'libghc-tasty-dev': 'a test library that real projects use',
  procps: 'looks for processes left behind',
};

/** What the journeys with virtual machines need, which run with ALL_JOURNEYS=true only. */
const virtualMachines = {
  e2fsprogs: 'fills the base disk of the test VM',
  fdisk: 'partitions the base disk of the test VM',
  'grub-common': 'makes the boot loader of the test VM',
  'grub-pc-bin': 'holds the boot loader of the test VM',
  mmdebstrap: 'makes the base disk of the test VM',
  openssl: "hashes the test VM's password",
  packer: 'builds images',
  'qemu-system-x86': 'runs the test VM',
  'qemu-utils': 'converts disks',
};

/** The parts of the tests, and the packages of each. */
export const testPackages = {
  unit: {},
  live,
  e2e: process.env.ALL_JOURNEYS === 'true' ? { ...journeys, ...virtualMachines } : journeys,
};
