"""The TOML files: what a tool is."""
