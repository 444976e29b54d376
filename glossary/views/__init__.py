"""The pages of ``glossary``."""
