"""One file a step, as they were."""
