"""What is left when something is killed in the middle of something."""
