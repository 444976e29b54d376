"""The pages of ``courses``."""
