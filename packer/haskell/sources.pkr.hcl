# Three ways to a machine that the provisioning scripts can work on. BIOS firmware throughout: an EFI appliance names its
# NVRAM file by an absolute path of the computer that built it, and fails to import elsewhere.

locals {
  # The installer needs its answers from the CIDATA cd, and the word `autoinstall` to take them without asking.
  autoinstall_boot_command = [
    "<wait>e<wait>",
    "<down><down><down><end>",
    " autoinstall console=ttyS0<wait>",
    "<f10>",
  ]
  shutdown_command = "sudo -n systemctl poweroff"
}

source "virtualbox-iso" "ubuntu" {
  vm_name              = var.vm_name
  output_directory     = var.output_directory
  guest_os_type        = "Ubuntu_64"
  iso_urls             = var.iso_urls
  iso_checksum         = var.iso_checksum
  cd_files             = var.seed_files
  cd_label             = "CIDATA"
  headless             = true
  cpus                 = var.cpus
  memory               = var.memory_mib
  disk_size            = var.disk_gib * 1024
  hard_drive_interface = "sata"
  iso_interface        = "sata"
  guest_additions_mode = "disable"
  boot_wait            = "5s"
  boot_command         = local.autoinstall_boot_command
  ssh_username         = var.ssh_username
  ssh_password         = var.ssh_password
  ssh_timeout          = var.ssh_timeout
  # The installer's own sshd would eat attempts; early-commands stop it, these absorb the rest.
  ssh_handshake_attempts = 1000
  shutdown_command       = local.shutdown_command
  shutdown_timeout       = "5m"

  vboxmanage = [
    ["modifyvm", "{{ .Name }}", "--uart1", "0x3F8", "4"],
    ["modifyvm", "{{ .Name }}", "--uartmode1", "file", var.serial_log],
    ["modifyvm", "{{ .Name }}", "--rtcuseutc", "on"],
  ]
  # The serial log is a file of the building computer; the appliance must not name it.
  vboxmanage_post = [
    ["modifyvm", "{{ .Name }}", "--uart1", "off"],
  ]
  format = "ova"
  export_opts = [
    "--manifest",
    "--vsys", "0",
    "--description", "Haskell build machine ${var.vm_name}",
  ]
}

source "qemu" "ubuntu" {
  vm_name                = "${var.vm_name}.qcow2"
  output_directory       = var.output_directory
  iso_urls               = var.iso_urls
  iso_checksum           = var.iso_checksum
  cd_files               = var.seed_files
  cd_label               = "CIDATA"
  headless               = true
  accelerator            = var.accelerator
  cpus                   = var.cpus
  memory                 = var.memory_mib
  disk_size              = "${var.disk_gib}G"
  disk_discard           = "unmap"
  disk_detect_zeroes     = "unmap"
  disk_interface         = "virtio"
  net_device             = "virtio-net"
  format                 = "qcow2"
  vnc_bind_address       = var.bind_address
  boot_wait              = "5s"
  boot_command           = local.autoinstall_boot_command
  ssh_username           = var.ssh_username
  ssh_password           = var.ssh_password
  ssh_timeout            = var.ssh_timeout
  ssh_handshake_attempts = 1000
  shutdown_command       = local.shutdown_command
  shutdown_timeout       = "5m"

  # Packer's own forward listens on every interface of the host; these two replace it.
  qemuargs = [
    ["-netdev", "user,id=user.0,hostfwd=tcp:${var.bind_address}:{{ .SSHHostPort }}-:22"],
    ["-device", "virtio-net,netdev=user.0"],
    ["-cpu", "max"],
    ["-serial", "file:${var.serial_log}"],
  ]
}

# A disk that boots already: a cloud image with seed_files, or what the tests build.
source "qemu" "disk-image" {
  vm_name                = "${var.vm_name}.qcow2"
  output_directory       = var.output_directory
  iso_url                = var.disk_image
  iso_checksum           = var.disk_image_checksum
  disk_image             = true
  use_backing_file       = false
  disk_size              = "${var.disk_gib}G"
  cd_files               = var.seed_files
  cd_label               = "CIDATA"
  headless               = true
  accelerator            = var.accelerator
  cpus                   = var.cpus
  memory                 = var.memory_mib
  disk_discard           = "unmap"
  disk_detect_zeroes     = "unmap"
  disk_interface         = "virtio"
  net_device             = "virtio-net"
  format                 = "qcow2"
  vnc_bind_address       = var.bind_address
  boot_wait              = "1s"
  ssh_username           = var.ssh_username
  ssh_password           = var.ssh_password
  ssh_timeout            = var.ssh_timeout
  ssh_handshake_attempts = 1000
  shutdown_command       = local.shutdown_command
  shutdown_timeout       = "5m"

  qemuargs = [
    ["-netdev", "user,id=user.0,hostfwd=tcp:${var.bind_address}:{{ .SSHHostPort }}-:22"],
    ["-device", "virtio-net,netdev=user.0"],
    ["-cpu", "max"],
    ["-serial", "file:${var.serial_log}"],
  ]
}
