"""Draws films of an articulated animal whose pose is known exactly: for the sample project, tests and benchmarks."""

from tailbase.synthetic.frame import render_frame
from tailbase.synthetic.project import SampleProject, write_film, write_sample_project
from tailbase.synthetic.scene import Scene, training_scene, unseen_scene
from tailbase.synthetic.skeleton import sample_skeleton

__all__ = [
    "SampleProject",
    "Scene",
    "render_frame",
    "sample_skeleton",
    "training_scene",
    "unseen_scene",
    "write_film",
    "write_sample_project",
]
