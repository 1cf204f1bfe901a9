"""F*: obligations of `.fst` and `.fsti` files, sessions over `fstar.exe --ide`, verification by `fstar.exe` itself."""
