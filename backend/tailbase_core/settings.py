"""All settings, read once from TAILBASE_* variables. Nothing else reads the environment."""

from functools import lru_cache
from os import environ
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ByteSize, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class UploadLimits(BaseModel, frozen=True):
    max_bytes: ByteSize = ByteSize(20 * 1024**3)
    part_bytes: ByteSize = ByteSize(16 * 1024**2)
    quota_bytes: ByteSize = ByteSize(500 * 1024**3)
    expire_hours: int = 24


class JobLimits(BaseModel, frozen=True):
    """`lease_seconds` is how long a silent worker keeps a job; `memory_bytes` caps the child's memory."""

    lease_seconds: float = Field(default=60, gt=0)
    heartbeat_seconds: float = Field(default=15, gt=0)
    reap_seconds: float = Field(default=10, gt=0)
    ring_again_seconds: float = Field(default=30, gt=0)
    attempts: int = Field(default=3, ge=1)
    memory_bytes: ByteSize = ByteSize(0)
    cache_bytes: ByteSize = ByteSize(20 * 1024**3)
    # Longer videos are predicted in parts of so many frames, by several workers or with pauses for others between.
    segment_frames: int = Field(default=20_000, ge=16)


class VideoLimits(BaseModel, frozen=True):
    """What a video may be, checked by the probe before anything else touches it."""

    max_frames: int = 10_000_000
    max_side: int = 16_384
    max_pixels: int = 64 * 1024**2
    probe_seconds: float = 600.0


class Settings(BaseSettings):
    """One typed object. URLs left out mean the embedded servers, whose supervisor sets them."""

    model_config = SettingsConfigDict(env_prefix="TAILBASE_", env_nested_delimiter="__", extra="ignore")

    environment: Literal["local", "production"] = "local"
    data_dir: Path = Path("~/.tailbase").expanduser()
    database_url: SecretStr = SecretStr("")
    redis_url: SecretStr = SecretStr("")
    secret_key: SecretStr = SecretStr("")
    public_url: str = "http://127.0.0.1:8420"
    # Addresses whose X-Forwarded-For is believed, comma-separated or "*". Behind a proxy that is missing here, all
    # people seem to sign in from one address and share its limit of wrong passwords.
    trusted_proxies: str = "127.0.0.1"
    # Folders the owner lets people register videos from, read-only, joined by ":" in the environment.
    roots: Annotated[tuple[Path, ...], NoDecode] = ()

    s3_bucket: str = ""
    s3_endpoint: str = ""
    s3_public_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: SecretStr = SecretStr("")
    s3_secret_key: SecretStr = SecretStr("")
    # S3 prefixes ("s3://bucket/prefix") videos may be registered from in place.
    s3_roots: Annotated[tuple[str, ...], NoDecode] = ()

    weights_dir: Path | None = None
    session_hours: int = 24 * 14
    trash_days: int = 30
    database_pool: int = 40
    worker_name: str = ""
    worker_device: Literal["auto", "cpu", "cuda"] = "auto"
    # Threads of a job on the CPU; 0 takes all cores. With several workers on a machine, give each its share.
    worker_threads: int = Field(default=0, ge=0)

    uploads: UploadLimits = UploadLimits()
    jobs: JobLimits = JobLimits()
    videos: VideoLimits = VideoLimits()

    @model_validator(mode="before")
    @classmethod
    def _split_lists(cls, values: dict[str, object]) -> dict[str, object]:
        for name, separator in (("roots", ":"), ("s3_roots", ",")):
            if isinstance(text := values.get(name), str):
                values[name] = tuple(part for part in text.split(separator) if part)
        return values

    @model_validator(mode="after")
    def _production_is_safe(self) -> Self:
        if self.environment != "production":
            return self
        if len(self.secret_key.get_secret_value()) < 32:
            raise ValueError("TAILBASE_SECRET_KEY needs at least 32 random characters in production")
        if not self.public_url.startswith("https://"):
            raise ValueError("TAILBASE_PUBLIC_URL must begin with https:// in production")
        if not self.database_url.get_secret_value() or not self.redis_url.get_secret_value():
            raise ValueError("TAILBASE_DATABASE_URL and TAILBASE_REDIS_URL are needed in production")
        return self

    @property
    def uses_s3(self) -> bool:
        return bool(self.s3_bucket)

    @property
    def blobs_dir(self) -> Path:
        return self.data_dir / "blobs"

    @property
    def sqlalchemy_url(self) -> str:
        """The database URL with the driver we use (SQLAlchemy 2.1 would take psycopg 3)."""
        url = self.database_url.get_secret_value()
        for prefix in ("postgresql://", "postgres://"):
            if url.startswith(prefix):
                return "postgresql+psycopg2://" + url.removeprefix(prefix)
        return url

    @property
    def celery_url(self) -> str:
        """The Redis URL as Celery writes it, which names unix sockets otherwise than redis-py does."""
        url = self.redis_url.get_secret_value()
        if url.startswith("unix://"):
            return "redis+socket://" + url.removeprefix("unix://").replace("?db=", "?virtual_host=")
        return url


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return Settings()


def environment(**values: str) -> dict[str, str]:
    """The environment for a process of ours: this process's own, with TAILBASE_<NAME> set for each of `values`."""
    return dict(environ) | {f"TAILBASE_{name.upper()}": value for name, value in values.items()}
