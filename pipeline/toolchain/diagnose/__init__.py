"""What `doctor`, `toolchain_matrix` and `store` report."""
