"""To and from Discord's shapes."""
