"""From a tool to an entry of the store, source by source."""
