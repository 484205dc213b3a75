HELP = "-"


def configure(parser):
    pass


def run(args):
    raise SystemExit(1)
