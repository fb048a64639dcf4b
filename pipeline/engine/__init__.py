"""doit made trustworthy: steps, staleness by content, sandboxes, durable outputs."""
