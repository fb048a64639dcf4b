"""Install a tool: from its sources to an entry of the store."""
