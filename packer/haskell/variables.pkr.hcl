# What a user may set, in a *.pkrvars.hcl or through machine.yml. Versions and checksums are pinned in
# ../pins.json, which packer-build passes in.

variable "vm_name" {
  type        = string
  default     = "haskell-build"
  description = "Name of the VM and of its disk."
}

variable "output_directory" {
  type        = string
  description = "Folder for the result. It must not exist: Packer creates it."
}

variable "payload_directory" {
  type        = string
  description = "Folder that packer-build prepared: the agent's bundle, its units, the pins, the hash of the one-time password."
}

variable "report_file" {
  type        = string
  description = "File that receives the list of installed packages and compilers."
}

variable "cpus" {
  type    = number
  default = 4
}

variable "memory_mib" {
  type    = number
  default = 8192
}

variable "disk_gib" {
  type    = number
  default = 64
}

variable "iso_urls" {
  type        = list(string)
  default     = [""]
  description = "Where the installer of Ubuntu Server 24.04 is, in order of trial, for the sources that install."
}

variable "iso_checksum" {
  type        = string
  default     = "none"
  description = "sha256:<hex> of the installer."
}

variable "seed_files" {
  type        = list(string)
  default     = []
  description = "user-data and meta-data, put on a CD labelled CIDATA, where autoinstall and cloud-init look for them."
}

variable "disk_image" {
  type        = string
  default     = ""
  description = "Bootable qcow2 disk to start from, for the source qemu.disk-image."
}

variable "disk_image_checksum" {
  type        = string
  default     = "none"
  description = "sha256:<hex> of the disk image."
}

variable "toolchain_source" {
  type        = string
  default     = "ghcup"
  description = "ghcup: pinned compilers from GHCup; debian: ghc and cabal-install of the distribution."
}

variable "ghc_versions" {
  type        = list(string)
  default     = ["9.8.4", "9.6.6"]
  description = "Exact GHC versions; the first becomes the default. Ignored by toolchain_source debian."
}

variable "cabal_version" {
  type    = string
  default = "3.16.1.0"
}

variable "stack_version" {
  type        = string
  default     = ""
  description = "Empty: no stack in the image."
}

variable "hls_version" {
  type        = string
  default     = ""
  description = "haskell-language-server. Empty: not in the image (it takes about 1 GB)."
}

variable "extra_packages" {
  type        = list(string)
  default     = []
  description = "Further packages of the distribution, from `packages` of machine.yml."
}

variable "accelerator" {
  type        = string
  default     = "kvm"
  description = "kvm, or tcg where KVM cannot run a guest; packer-build finds out by starting one."
}

variable "ssh_username" {
  type    = string
  default = "builder"
}

variable "ssh_password" {
  type        = string
  default     = ""
  sensitive   = true
  description = "Passed as PKR_VAR_ssh_password, never on a command line."
}

variable "serial_log" {
  type        = string
  default     = "/dev/null"
  description = "File that receives the VM's serial console, to read when a boot hangs."
}

variable "bind_address" {
  type        = string
  default     = "127.0.0.1"
  description = "Where QEMU's port forward and VNC listen while the image is built."
}

variable "ssh_timeout" {
  type    = string
  default = "60m"
}
