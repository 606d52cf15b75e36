"""The commands that make models and projects."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from click import option

from nbmde.cli.declarations import (
    EXISTING_FILE,
    FILE,
    argument,
    command,
    data_option,
    extension_option,
    file_option,
    folder_option,
    input_option,
    keep_edited_option,
    layout_option,
    model_argument,
    notebook_argument,
    profile_option,
    profile_rules_option,
    profile_timeout_option,
    python_option,
    replace_option,
    set_option,
    until_option,
    without_option,
)
from nbmde.cli.terminal import (
    asked_on_terminal,
    open_registry,
    progress_bar,
    read_inputs,
    read_options,
    tell,
    tell_profile,
    tell_written,
)
from nbmde.engine.errors import NbmdeError


@command()
@argument("pipeline", metavar="PIPELINE", help="A pipeline, such as nb2project.")
@argument("source", type=EXISTING_FILE, metavar="NOTEBOOK", help="A notebook, or a model to go on from.")
@folder_option
@layout_option
@set_option
@input_option
@until_option
@without_option
@option("--models", "models_folder", type=FILE, metavar="DIR", help="Save every state of the models in this folder.")
@keep_edited_option
@replace_option
@python_option
@data_option
@profile_option
@profile_timeout_option
@profile_rules_option
@extension_option
def run(
    pipeline: str,
    source: Path,
    output: Path,
    layout: str | None,
    settings: tuple[str, ...],
    inputs: tuple[str, ...],
    until: str | None,
    without: tuple[str, ...],
    models_folder: Path | None,
    keep_edited: bool,
    replace: bool,
    python: Path | None,
    data_from: tuple[Path, ...],
    profile: bool,
    timeout: float,
    profile_rules: bool,
    extensions: tuple[Path, ...],
) -> None:
    """Runs a pipeline: from a notebook to a whole project.

    Nothing of the notebook is executed, unless --profile is given. The folder is written whole or not at all;
    files in it that you changed since they were generated are never overwritten.
    Its models are in DIR/.nbmde, and Eclipse opens them as they are.

    A notebook becomes a project with packaging, tests, a service and deployment:

      nbmde run nb2project churn.ipynb -o churn

    The smaller tree of folders:

      nbmde run nb2project churn.ipynb -o churn --layout basic

    With precise types and schemas, from one run of the notebook:

      nbmde run nb2project churn.ipynb -o churn --profile

    Go on from a model that was edited:

      nbmde run nb2project churn/.nbmde/workflow.xmi -o churn2

    The models alone, up to a step; what nbmde steps lists can be named:

      nbmde run nb2project churn.ipynb -o churn-models --until notebook2workflow
    """
    from nbmde.engine import m2t
    from nbmde.engine import pipeline as pipelines
    from nbmde.engine.states import States
    from nbmde.notebooks import injection

    registry = open_registry(extensions)
    chain = pipelines.find(pipeline, registry.extensions)
    states = States(registry) if models_folder is not None else None
    options = read_options(settings, layout, registry.extensions)
    further = read_inputs(inputs)
    request = injection.request(
        source, python=python, profile=timeout if profile else None, data_from=data_from, ask=asked_on_terminal()
    )
    with m2t.sole_writer(output), progress_bar() as progress:
        outcome = pipelines.run(
            chain,
            source,
            registry,
            options,
            inputs=further,
            request=request,
            until=until,
            without=without,
            progress=progress,
            state=states or pipelines.no_state,
        )
        files = outcome.files or pipelines.model_files(pipelines.related(outcome.roots), registry)
        if states is not None and models_folder is not None:
            pipelines.save_models(files, models_folder)
            pipelines.save_files(states.files, models_folder)
        loaded = pipelines.sources(outcome.roots)
        written = m2t.write(files, output, keep_edited=keep_edited, replace=replace, sources=loaded)
    tell(outcome.notices)
    if profile_rules:
        for name, profile_of_rules in outcome.profiles.items():
            tell_profile(name, profile_of_rules)
    tell_written(output, written)


@command()
@notebook_argument
@file_option
@python_option
@data_option
@profile_option
@profile_timeout_option
@extension_option
def inject(
    notebook: Path,
    output: Path,
    python: Path | None,
    data_from: tuple[Path, ...],
    profile: bool,
    timeout: float,
    extensions: tuple[Path, ...],
) -> None:
    """Makes a Notebook model of a notebook file, without loss.

    Nothing of the notebook is executed, unless --profile is given. Local files that its code names come along.

      nbmde inject churn.ipynb -o nb.xmi
    """
    from nbmde.engine import models
    from nbmde.notebooks import injection

    registry = open_registry(extensions)
    told = timeout if profile else None
    root = injection.inject(
        notebook, registry, python=python, profile=told, data_from=data_from, ask=asked_on_terminal()
    )
    models.save({output: root}, registry)


@command()
@model_argument
@file_option
@extension_option
def extract(model: Path, output: Path, extensions: tuple[Path, ...]) -> None:
    """Makes the notebook file of a Notebook model: inject backwards.

    nbmde extract nb.xmi -o churn.ipynb
    """
    from nbmde.engine import models
    from nbmde.notebooks.inject import write

    write(models.load(model, open_registry(extensions)), output)


@command()
@argument("name", metavar="TRANSFORMATION", help="Its name, such as notebook2workflow.")
@model_argument
@file_option
@input_option
@option("--trace", type=FILE, metavar="FILE", help="Where the trace goes; beside the output by default.")
@until_option
@without_option
@layout_option
@set_option
@profile_rules_option
@extension_option
def transform(
    name: str,
    model: Path,
    output: Path,
    inputs: tuple[str, ...],
    trace: Path | None,
    until: str | None,
    without: tuple[str, ...],
    layout: str | None,
    settings: tuple[str, ...],
    profile_rules: bool,
    extensions: tuple[Path, ...],
) -> None:
    """Makes the next model of a model, and a trace of which rule made what.

    The refinements that follow the transformation in a pipeline change the new model in place.

    What is computed, step by step:

      nbmde transform notebook2workflow nb.xmi -o wf.xmi

    What is built:

      nbmde transform workflow2project wf.xmi -o project.xmi --layout basic

    From several models, the first one as MODEL and the others by name:

      nbmde transform merge ours.xmi --input theirs=theirs.xmi -o merged.xmi
    """
    from nbmde.engine import m2m, models
    from nbmde.engine import pipeline as pipelines

    registry = open_registry(extensions)
    further = read_inputs(inputs)
    transformation = m2m.find(name, registry.extensions)
    first = next(iter(transformation.inputs))
    if first in further:
        raise click.BadParameter(f"{first!r} is given as MODEL", param_hint="--input")
    m2m.check_inputs(transformation, [first, *further])
    chain = pipelines.of_transformation(name, registry.extensions)
    options = read_options(settings, layout, registry.extensions)
    outcome = pipelines.run(chain, model, registry, options, inputs=further, until=until, without=without, resume=False)
    trace = trace or output.with_name(f"{output.stem}.trace{output.suffix}")
    files = {output: outcome.roots, trace: (outcome.trace,)}
    if refinements := pipelines.refinements(outcome.roots):
        files[output.with_name(f"{output.stem}.refinements{output.suffix}")] = refinements
    models.save(files, registry)
    tell(outcome.notices)
    if profile_rules:
        for step, profile in outcome.profiles.items():
            tell_profile(step, profile)


@command()
@model_argument
@folder_option
@option("--templates", metavar="NAME", help="A folder below templates/; the metamodel's by default.")
@keep_edited_option
@replace_option
@extension_option
def generate(
    model: Path,
    output: Path,
    templates: str | None,
    keep_edited: bool,
    replace: bool,
    extensions: tuple[Path, ...],
) -> None:
    """Writes the project that a Project model describes.

    The folder is written whole or not at all. Files in it that you changed since
    they were generated are never overwritten: they are listed and nothing is
    written, or they stay as they are with --keep-edited.
    What follows from an edited model is brought in line: a function that was moved takes its imports with it.

      nbmde generate project.xmi -o churn

    Again, after the model in the project was edited:

      nbmde generate churn/.nbmde/project.xmi -o churn
    """
    from nbmde.engine import m2t
    from nbmde.engine import pipeline as pipelines

    registry = open_registry(extensions)
    with m2t.sole_writer(output):
        roots, mended, traces = pipelines.load_edited(model, registry)
        if not roots:
            raise NbmdeError("holds no element, so nothing is generated", file=str(model))
        loaded = pipelines.sources(roots)
        files = pipelines.generate(templates or roots[0].eClass.ePackage.name, roots, registry, traces)
        written = m2t.write(files, output, keep_edited=keep_edited, replace=replace, sources=loaded)
    for line in mended:
        print(line, file=sys.stderr)
    tell_written(output, written)
