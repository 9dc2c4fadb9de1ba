"""The probes: one file per way to look. Pure: what they judge was gathered elsewhere."""
