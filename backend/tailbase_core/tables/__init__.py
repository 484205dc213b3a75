"""One file for each group of nouns; importing this package loads all tables, as migrations and relations need."""

from tailbase_core.tables.accounts import ApiToken, AuditEvent, IdempotencyKey, LoginSession, OneTimeLink, User
from tailbase_core.tables.base import Table
from tailbase_core.tables.diagnostics import Evaluation, TrackMeasures
from tailbase_core.tables.frames import Frame, LabelEvent, LabelSet
from tailbase_core.tables.jobs import Job, JobEvent, ProjectTurn, Worker
from tailbase_core.tables.models import Ensemble, EnsembleMember, Model, Prediction
from tailbase_core.tables.prelabels import Prelabel, PrelabelRound
from tailbase_core.tables.projects import Edge, Individual, Keypoint, Membership, Project, View
from tailbase_core.tables.recordings import Recording, Upload, Video

__all__ = [
    "ApiToken",
    "AuditEvent",
    "Edge",
    "Ensemble",
    "EnsembleMember",
    "Evaluation",
    "Frame",
    "IdempotencyKey",
    "Individual",
    "Job",
    "JobEvent",
    "Keypoint",
    "LabelEvent",
    "LabelSet",
    "LoginSession",
    "Membership",
    "Model",
    "OneTimeLink",
    "Prediction",
    "Prelabel",
    "PrelabelRound",
    "Project",
    "ProjectTurn",
    "Recording",
    "Table",
    "TrackMeasures",
    "Upload",
    "User",
    "Video",
    "View",
    "Worker",
]
