"""The built page: hashed assets for ever, and index.html for every address the page itself routes."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from tailbase_core.errors import NotFound

WEB = Path(__file__).parent / "web"


class _Assets(StaticFiles):
    """Vite puts a hash into the names under /assets, so a browser may keep them."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def install(app: FastAPI, folder: Path = WEB) -> None:
    """Serve the page, which must be the last route. Without a built page the API stands alone."""
    index = folder / "index.html"
    if not index.is_file():
        return
    app.mount("/assets", _Assets(directory=folder / "assets", check_dir=False), name="assets")
    others = {f"/{f.name}": f for f in folder.iterdir() if f.is_file() and not f.name.startswith(".")}

    @app.get("/{path:path}", include_in_schema=False)
    def page(path: str) -> FileResponse:
        if path == "api" or path.startswith("api/"):
            raise NotFound("address")
        return FileResponse(others.get(f"/{path}", index), headers={"Cache-Control": "no-cache"})
