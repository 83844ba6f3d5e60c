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

/** What the tests need beyond that. */
export const testPackages = {
  chromium: "looks at the State Hub's page",
  'dpkg-dev': 'fetches Debian source packages, the real projects that the tests build',
  e2fsprogs: 'fills the base disk of the test VM',
  faketime: 'sets a clock ten minutes off',
  fdisk: 'partitions the base disk of the test VM',
  'grub-common': 'makes the boot loader of the test VM',
  'grub-pc-bin': 'holds the boot loader of the test VM',
  hpack: 'turns package.yaml into a cabal file',
  iproute2: 'shows who listens on a port',
  'libghc-hspec-dev': 'a test library that real projects use',
  'libghc-quickcheck2-dev': 'a test library that the real projects of the tests use',
  'libghc-tasty-dev': 'a test library that real projects use',
  mmdebstrap: 'makes the base disk of the test VM',
  openssl: "hashes the test VM's password",
  packer: 'builds images',
  procps: 'looks for processes left behind',
  'qemu-system-x86': 'runs the test VM',
  'qemu-utils': 'converts disks',
  shellcheck: 'checks the provisioning scripts',
};
