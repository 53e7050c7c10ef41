"""Reviews: weights of the sentiment of a text."""
