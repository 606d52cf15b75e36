"""Generation of text from models: templates, a coordination file, and files written whole or not at all."""

from nbmde.engine.m2t.files import ORIGIN, File, Files, GenerationError, Region
from nbmde.engine.m2t.generation import COORDINATION, Generation, Rule, find, folders, names
from nbmde.engine.m2t.lock import sole_writer
from nbmde.engine.m2t.recording import About
from nbmde.engine.m2t.regions import current_regions, generated_files
from nbmde.engine.m2t.writing import Written, put, write

__all__ = [
    "COORDINATION",
    "ORIGIN",
    "About",
    "File",
    "Files",
    "Generation",
    "GenerationError",
    "Region",
    "Rule",
    "Written",
    "current_regions",
    "find",
    "folders",
    "generated_files",
    "names",
    "put",
    "sole_writer",
    "write",
]
