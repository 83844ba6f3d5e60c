# Packer 1.7 and later fetch their builders as plugins (`packer init .`). Packer 1.6 has them built in and does not know
# this block, so `packer-build` leaves this file out for it.
packer {
  required_version = ">= 1.10.0"

  required_plugins {
    qemu = {
      version = "~> 1.1"
      source  = "github.com/hashicorp/qemu"
    }
    virtualbox = {
      version = ">= 1.1.3, < 2.0.0"
      source  = "github.com/hashicorp/virtualbox"
    }
  }
}
