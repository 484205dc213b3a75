"""The local twin of S3's presigned addresses."""
