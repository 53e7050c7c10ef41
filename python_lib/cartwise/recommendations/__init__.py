"""What is learned to recommend products."""
