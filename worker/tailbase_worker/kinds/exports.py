"""export."""

from tailbase_worker.work import Publish, Work


def run(work: Work) -> Publish:
    raise NotImplementedError
