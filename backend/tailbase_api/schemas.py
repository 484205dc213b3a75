"""What the bodies of several features share."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from tailbase.schema import Name

# Line breaks and tabs are text; the other control characters and direction overrides hide what it says.
_TEXT = r"^[^\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]*$"
LongText = Annotated[str, StringConstraints(max_length=10_000, pattern=_TEXT)]
Email = Annotated[
    str,
    StringConstraints(
        max_length=254, to_lower=True, strip_whitespace=True, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$"
    ),
]
Password = Annotated[str, StringConstraints(min_length=10, max_length=1000)]
Fields = Annotated[dict[Name, Name], Field(max_length=50)]


def _small(value: dict[str, Any]) -> dict[str, Any]:
    if len(repr(value)) > 20_000:
        raise ValueError("this holds more than 20,000 characters")
    return value


FreeForm = Annotated[dict[str, Any], AfterValidator(_small)]


class Body(BaseModel):
    """A request's body; unknown fields are refused, so that nobody sets what is not theirs to set."""

    model_config = ConfigDict(extra="forbid")


class Reply(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Freed(Reply):
    """What emptying the trash will free."""

    bytes_freed: int
