{-# LANGUAGE ForeignFunctionInterface #-}

-- | The hash of Fowler, Noll and Vo, computed in C.
module Fnv1a (fnv1a, offsetBasis) where

import Data.ByteString (ByteString)
import Data.ByteString.Unsafe (unsafeUseAsCStringLen)
import Data.Word (Word64, Word8)
import Foreign.C.Types (CSize (..))
import Foreign.Ptr (Ptr, castPtr)
import System.IO.Unsafe (unsafeDupablePerformIO)

foreign import ccall unsafe "fnv1a.h fnv1a_64"
  c_fnv1a_64 :: Word64 -> Ptr Word8 -> CSize -> IO Word64

-- | Continues a hash over more bytes; the first one starts from 'offsetBasis'.
fnv1a :: Word64 -> ByteString -> Word64
fnv1a hash bytes = unsafeDupablePerformIO $
  unsafeUseAsCStringLen bytes $ \(start, len) -> c_fnv1a_64 hash (castPtr start) (fromIntegral len)

-- | The hash of no bytes at all.
offsetBasis :: Word64
offsetBasis = 0xcbf29ce484222325
