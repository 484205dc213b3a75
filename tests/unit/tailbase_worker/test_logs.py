"""What must never stand in a log."""

import pytest

from tailbase_worker.logs import redactor

SECRETS = ["the-signing-key", "s3-secret-key"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("postgresql://tailbase:pa55word@/tailbase?host=/x", "pa55word"),
        ("redis://:hidden@host:6379/0", "hidden"),
        ("https://s3/bucket/key?X-Amz-Signature=abcdef0123&X-Amz-Date=1", "abcdef0123"),
        ("/api/v1/blobs/key?expires=1&signature=feed5eed&name=x", "feed5eed"),
        ("used the-signing-key twice: the-signing-key", "the-signing-key"),
        ("token tb_abcdefghijklmnopqrstuvwxyz", "tb_abcdefghijklmnopqrstuvwxyz"),
    ],
)
def test_a_secret_is_replaced_wherever_it_stands(said: str, kept: str) -> None:
    event = redactor(SECRETS)(None, "info", {"event": said, "url": said, "count": 3})

    assert isinstance(event, dict)
    assert kept not in event["event"] + event["url"]
    assert "***" in event["event"]
    assert event["count"] == 3


def test_ordinary_words_stay_as_they_are() -> None:
    event = redactor(SECRETS)(None, "info", {"event": "job_started at 12:30 from https://lab.example/page"})

    assert event == {"event": "job_started at 12:30 from https://lab.example/page"}
