"""Where files lie: blobs of ours (a local folder or S3) and read-only roots whose files stay in place."""

from tailbase_core.storage.blobs import BlobStore, Part, make_store
from tailbase_core.storage.errors import StorageUnavailable

__all__ = ["BlobStore", "Part", "StorageUnavailable", "make_store"]
