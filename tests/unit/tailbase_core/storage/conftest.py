import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tailbase_core.settings import Settings
from tailbase_core.storage import BlobStore, make_store


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_settings(s3_url: str, tmp_path: Path) -> Settings:
    """Settings that name an empty bucket."""
    bucket = f"bucket-{os.urandom(4).hex()}"
    client: Any = boto3.client(
        "s3", endpoint_url=s3_url, region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
    )
    client.create_bucket(Bucket=bucket)
    return Settings(
        data_dir=tmp_path,
        s3_bucket=bucket,
        s3_endpoint=s3_url,
        s3_access_key="k",
        s3_secret_key="s",
    )


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """Each driver in turn."""
    if request.param == "s3":
        return make_store(request.getfixturevalue("s3_settings"))
    return make_store(Settings(data_dir=tmp_path / "data", secret_key="only for tests, only for tests, only"))
