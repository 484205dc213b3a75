"""Files behind signed addresses. The signature is the permission: it names the file and until when."""

from typing import Annotated

from anyio import CapacityLimiter
from fastapi import Header, Query, Request, Response
from fastapi.responses import FileResponse

from tailbase_api.blobs import links, service
from tailbase_api.deps import ServicesDep
from tailbase_api.routing import feature_router
from tailbase_core.errors import NotFound
from tailbase_core.storage.roots import root_named

router = feature_router("blobs")

# S3's own limit for one part.
MAX_PART_BYTES = 5 * 1024**3

Expires = Annotated[int, Query(ge=0, le=2**40)]
Signature = Annotated[str, Query(max_length=200)]
Range = Annotated[str | None, Header()]


@router.put("/blobs/parts/{multipart_id}/{number}", status_code=200)
async def put_part(
    multipart_id: str, number: int, size: Annotated[int, Query(ge=0, le=MAX_PART_BYTES)], expires: Expires,
    signature: Signature, request: Request, services: ServicesDep,
) -> Response:  # fmt: skip
    """The bytes of one part, raw. Answers its ETag, like S3."""
    store = service.local_store(services.store)
    if not store.may_upload(multipart_id, number, size, expires, signature):
        raise service.LinkExpired
    limiter: CapacityLimiter = services.upload_threads
    part = await service.receive_part(store, limiter, multipart_id, number, size, request.stream())
    return Response(headers={"ETag": f'"{part.etag}"'})


@router.head("/blobs/roots/{root}/{path:path}", include_in_schema=False)
@router.get("/blobs/roots/{root}/{path:path}")
def get_root_file(
    root: str, path: str, expires: Expires, signature: Signature, services: ServicesDep, range: Range = None
) -> FileResponse:
    """A video in place, for the browser."""
    if not links.may_read_root(services.secret, root, path, expires, signature):
        raise service.LinkExpired
    local = root_named(services.settings, root).local_path(path)
    if local is None or not local.is_file():
        raise NotFound("file")
    return service.send_file(local, None, None, range)


@router.head("/blobs/{key:path}", include_in_schema=False)
@router.get("/blobs/{key:path}")
def get_blob(
    key: str, expires: Expires, signature: Signature, services: ServicesDep,
    name: Annotated[str | None, Query(max_length=1000)] = None,
    type: Annotated[str | None, Query(max_length=100)] = None,
    range: Range = None,
) -> FileResponse:  # fmt: skip
    """A file of ours, or part of it."""
    store = service.local_store(services.store)
    if not store.may_download(key, expires, signature, name, type):
        raise service.LinkExpired
    path = store.local_path(key)
    if path is None:
        raise NotFound("file")
    return service.send_file(path, name, type, range)
