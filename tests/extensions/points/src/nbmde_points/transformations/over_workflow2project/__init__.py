"""Laid over workflow2project wherever that one is used: functions know how many statements they are made of."""

from nbmde.m2m import Context, Transformation

transformation = Transformation(
    "over_workflow2project", source="workflow", target="mlproject", superimposes="workflow2project"
)


@transformation.rule("Step", to="points.Function", extends="step2function")
def counted(t: Context, step, function):
    function.statements = len(step.statements)


@transformation.rule("TrainedModel", to="Section")
def model2section(t: Context, model, section):
    section.name, section.level = model.symbol.name, 2
    section.text = f"Cell {model.fit.cellNumber} trains {model.symbol.name}."


@transformation.post
def add_sections(t: Context) -> None:
    t.target.sections.extend(t.resolve_all(list(t.source.models), rule="model2section"))
