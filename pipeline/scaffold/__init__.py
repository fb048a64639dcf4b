"""What `doit-wasm` writes where a project or a component begins."""
