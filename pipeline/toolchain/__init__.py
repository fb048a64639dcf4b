"""What tools are, where they come from, and the store that keeps them; knows nothing of doit."""
