"""What can go wrong with files, in the words a client gets."""

from tailbase_core.errors import Conflict, Invalid, Unavailable


class StorageUnavailable(Unavailable):
    status, code, title = 503, "storage_unavailable", "The file storage does not answer"

    def __init__(self, detail: str = "The file storage does not answer. Try again in a minute.") -> None:
        super().__init__(detail)


class BadKey(Invalid):
    """A key we did not make ourselves; a programming error or an attack, never a user's typing."""

    def __init__(self) -> None:
        super().__init__("storage.bad_key", "This is not the key of a file.")


class UploadGone(Conflict):
    def __init__(self) -> None:
        super().__init__("upload.gone", "This upload was aborted or has expired. Start it again.")


class PartsDiffer(Conflict):
    def __init__(self) -> None:
        super().__init__("upload.parts_differ", "Some parts are missing or differ from what was sent. Send them again.")
