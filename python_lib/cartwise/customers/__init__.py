"""Customers: weights of churn and next purchase, and centroids of segments."""
