"""`python -m tailbase_worker`: serves the queue until it is told to stop."""

import argparse
import signal

import structlog

from tailbase import __version__
from tailbase_core.database import make_engine, make_sessions
from tailbase_core.settings import settings
from tailbase_core.storage import make_store
from tailbase_worker import logs
from tailbase_worker.device import choose_device, memory_cap
from tailbase_worker.place import take_place
from tailbase_worker.supervisor import Supervisor
from tailbase_worker.upkeep import Upkeep

_CONNECTIONS = 4


def main() -> None:
    args = _arguments()
    chosen = settings()
    logs.set_up(chosen)
    device, device_name = choose_device(chosen.worker_device)
    name, folder = take_place(chosen.data_dir, args.name or chosen.worker_name)
    engine = make_engine(chosen, pool_size=_CONNECTIONS)
    sessions = make_sessions(engine, chosen.redis_url.get_secret_value())
    store = make_store(chosen)
    supervisor = Supervisor(
        chosen,
        sessions,
        store,
        name=name,
        folder=folder,
        queues=args.queues.split(","),
        device=device,
        memory_bytes=memory_cap(chosen.jobs.memory_bytes),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stop())
    upkeep = Upkeep(chosen, sessions, store, name=name, device=device_name, version=__version__)
    upkeep.start()
    structlog.get_logger(__name__).info("worker_started", worker=name, device=device_name, queues=args.queues)
    supervisor.run()
    upkeep.close()
    engine.dispose()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tailbase_worker", description=__doc__)
    parser.add_argument("--queues", default="default", help="queues to serve, joined by commas (default: %(default)s)")
    parser.add_argument("--name", default="", help="name shown to people (default: the host's name)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
