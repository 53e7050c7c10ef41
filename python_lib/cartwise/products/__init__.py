"""What is learned about products."""
