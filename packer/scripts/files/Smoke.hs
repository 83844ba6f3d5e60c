{-# LANGUAGE ForeignFunctionInterface #-}

-- | Uses gmp through 'Integer' and zlib through its C interface, so that both must be linked.
module Main (main) where

import Foreign.C.String (CString, withCStringLen)
import Foreign.C.Types (CUInt (..), CULong (..))

foreign import ccall unsafe "crc32" c_crc32 :: CULong -> CString -> CUInt -> IO CULong

main :: IO ()
main = do
  crc <- withCStringLen "123456789" $ \(text, size) -> c_crc32 0 text (fromIntegral size)
  putStrLn (show ((2 :: Integer) ^ (200 :: Int)) ++ " " ++ show crc)
