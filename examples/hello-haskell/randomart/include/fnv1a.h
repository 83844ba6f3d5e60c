#ifndef FNV1A_H
#define FNV1A_H

#include <stddef.h>
#include <stdint.h>

/* Continues a 64-bit FNV-1a hash over more bytes. */
uint64_t fnv1a_64(uint64_t hash, const uint8_t *bytes, size_t length);

#endif
