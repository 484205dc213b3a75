"""Blobs: local folder, S3, and read-only roots."""
