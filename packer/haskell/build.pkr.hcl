build {
  name = "haskell"

  sources = [
    "source.virtualbox-iso.ubuntu",
    "source.qemu.ubuntu",
    "source.qemu.disk-image",
  ]

  provisioner "shell" {
    inline = ["install -d -m 0700 /tmp/build-machines /tmp/build-machines/payload"]
  }

  provisioner "file" {
    source      = "${path.root}/../scripts"
    destination = "/tmp/build-machines"
  }

  provisioner "file" {
    source      = "${var.payload_directory}/"
    destination = "/tmp/build-machines/payload"
  }

  # One script for all sources; it runs the numbered steps in order and names each as it starts.
  provisioner "shell" {
    environment_vars = [
      "TOOLCHAIN_SOURCE=${var.toolchain_source}",
      "GHC_VERSIONS=${join(" ", var.ghc_versions)}",
      "CABAL_VERSION=${var.cabal_version}",
      "STACK_VERSION=${var.stack_version}",
      "HLS_VERSION=${var.hls_version}",
      "EXTRA_PACKAGES=${join(" ", var.extra_packages)}",
    ]
    execute_command = "chmod +x {{ .Path }}; sudo -n env {{ .Vars }} bash {{ .Path }}"
    inline          = ["bash /tmp/build-machines/scripts/provision.sh /tmp/build-machines/payload"]
  }

  # What the image holds: packer-build makes the bill of materials from it.
  provisioner "file" {
    direction   = "download"
    source      = "/usr/share/build-machine-report"
    destination = var.report_file
  }
}
