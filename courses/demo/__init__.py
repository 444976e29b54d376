"""The demonstration's content and what loads it."""
