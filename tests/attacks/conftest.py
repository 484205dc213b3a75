"""The people and the app of the API's tests, under attack."""

import importlib.util
import sys
from pathlib import Path

# pytest does not share the fixtures of a folder beside this one; they are taken over by name.
_spec = importlib.util.spec_from_file_location("tailbase_api_people", Path(__file__).parents[1] / "api" / "conftest.py")
assert _spec is not None
assert _spec.loader is not None
_people = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = _people
_spec.loader.exec_module(_people)

_built = _people._built
app = _people.app
client = _people.client
world = _people.world
nobody = _people.nobody
owner = _people.owner
place = _people.place
stranger = _people.stranger
refused = _people.refused
