"""Rules for building multi-language WebAssembly components with doit."""
