"""The same uploads where S3 is the storage: the bytes never pass through us."""

import os
from collections.abc import Iterator

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer
from pydantic import ByteSize, SecretStr

from tailbase_api.main import create_app
from tailbase_core.settings import UploadLimits

PART = 5 * 1024**2


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def settings(settings, s3):
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=s3, **keys).create_bucket(Bucket="lab")
    return settings.model_copy(
        update={
            "s3_bucket": "lab",
            "s3_endpoint": s3,
            "s3_access_key": SecretStr("key"),
            "s3_secret_key": SecretStr("secret"),
            "uploads": UploadLimits(part_bytes=ByteSize(PART)),
        }
    )


@pytest.fixture
def app(settings):
    return create_app(settings)


@pytest.fixture
def uploads(place):
    return f"{place.path}/uploads"


def test_parts_go_straight_to_the_bucket_and_are_joined_there(owner, uploads, place, s3):
    data = os.urandom(PART + 1000)
    upload = owner.post(uploads, {"filename": "a.mp4", "size_bytes": len(data)}).json()
    assert all(part["url"].startswith(f"{s3}/lab/projects/{place.id}/") for part in upload["parts"])
    assert httpx.put(upload["parts"][0]["url"], content=data[:PART]).status_code == 200
    again = owner.get(f"{uploads}/{upload['upload_id']}").json()
    assert [part["number"] for part in again["parts"]] == [2]
    assert httpx.put(again["parts"][0]["url"], content=data[PART:]).status_code == 200
    done = owner.post(f"{uploads}/{upload['upload_id']}/complete")
    assert done.status_code == 202, done.text
    source = owner.get(f"{place.path}/videos/{upload['video_id']}/source").json()["url"]
    assert source.startswith(s3)
    assert httpx.get(source).content == data


def test_a_part_of_another_size_is_found_when_it_is_completed(owner, uploads, refused):
    upload = owner.post(uploads, {"filename": "a.mp4", "size_bytes": 1000}).json()
    httpx.put(upload["parts"][0]["url"], content=b"x" * 999)
    problem = refused(owner.post(f"{uploads}/{upload['upload_id']}/complete"), 409, "upload.size")
    assert problem["parts"] == [1]
    assert owner.delete(f"{uploads}/{upload['upload_id']}").status_code == 204


def test_our_own_addresses_for_files_do_not_exist(owner, nobody, refused):
    query = {"expires": 2**33, "signature": "0" * 64, "size": 1}
    refused(nobody.request("PUT", "/blobs/parts/x/1", params=query, content=b"x"), 404, "not_found")
    refused(nobody.get("/blobs/projects/x", params=query), 404, "not_found")


def test_the_page_may_load_from_the_bucket(client, s3):
    assert s3 in client.get("/api/v1/version").headers["content-security-policy"]
