"""Read-only folders and S3 prefixes videos are registered from."""
