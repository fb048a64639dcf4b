"""The action cache: outputs of steps by key."""
