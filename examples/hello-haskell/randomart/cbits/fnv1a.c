#include "fnv1a.h"

uint64_t fnv1a_64(uint64_t hash, const uint8_t *bytes, size_t length)
{
    const uint64_t prime = UINT64_C(0x100000001b3);

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ bytes[i]) * prime;
    return hash;
}
