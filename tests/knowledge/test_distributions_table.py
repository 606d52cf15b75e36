"""Every row of distributions.toml is well-formed, and agrees with what is installed beside the tests."""

from __future__ import annotations

import inspect
import re
import sys
import warnings
from importlib import metadata
from pathlib import Path
from typing import Any

import installed
import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

NAME = r"[A-Za-z_]\w*"
DOTTED = rf"{NAME}(?:\.{NAME})*"
PATTERN = r"\.?[A-Za-z_*][\w*]*(?:\.[\w*]+)*"
USE = re.compile(rf"(?P<call>{PATTERN})(?:\((?P<how>{NAME}|{NAME}='[^']+'|'[^']+'|#[1-9])\))?")


def import_names(table: dict[str, str], imported: str) -> str | None:
    """Distribution of an imported dotted name: that of its longest prefix."""
    while imported:
        if imported in table:
            return table[imported]
        imported = imported.rpartition(".")[0]
    return None


def test_names_of_imports_and_distributions_are_valid(distributions: dict[str, Any]) -> None:
    table = distributions["distributions"]
    assert len(table) >= 300
    for imported, distribution in table.items():
        assert re.fullmatch(DOTTED, imported), imported
        assert re.fullmatch(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", distribution), distribution


def test_the_standard_library_is_not_in_the_table(distributions: dict[str, Any]) -> None:
    for imported in (*distributions["distributions"], *distributions["unavailable"]):
        assert imported.split(".")[0] not in sys.stdlib_module_names, imported


def test_one_spelling_for_each_distribution(distributions: dict[str, Any]) -> None:
    spellings: dict[str, set[str]] = {}
    for distribution in distributions["distributions"].values():
        spellings.setdefault(canonicalize_name(distribution), set()).add(distribution)
    for needed in distributions["extras"].values():
        for distribution in needed:
            spellings.setdefault(canonicalize_name(distribution), set()).add(distribution)
    assert [names for names in spellings.values() if len(names) > 1] == []


@pytest.mark.parametrize(
    ("imported", "distribution"),
    [
        ("sklearn.ensemble", "scikit-learn"),
        ("cv2", "opencv-python-headless"),
        ("PIL.Image", "pillow"),
        ("mpl_toolkits.mplot3d", "matplotlib"),
        ("mpl_toolkits.basemap", "basemap"),
        ("google.cloud.bigquery", "google-cloud-bigquery"),
        ("google.cloud.bigquery_storage", "google-cloud-bigquery-storage"),
        ("google.protobuf.message", "protobuf"),
        ("autogluon.tabular", "autogluon.tabular"),
        ("autogluon.common", "autogluon"),
        ("no_such_module", None),
        ("google.unknown", None),
    ],
)
def test_the_longest_prefix_wins(distributions: dict[str, Any], imported: str, distribution: str | None) -> None:
    assert import_names(distributions["distributions"], imported) == distribution


OTHER_NAMES = Path(__file__).with_name("other_names.txt")
"""Modules in distributions of other names, as a person has looked them up: a stranger's may have the module's name."""


def test_a_distribution_of_another_name_is_one_that_somebody_has_looked_up(distributions: dict[str, Any]) -> None:
    known = dict(line.split() for line in OTHER_NAMES.read_text(encoding="utf-8").splitlines())
    found = {
        imported: distribution
        for imported, distribution in distributions["distributions"].items()
        if canonicalize_name(distribution) not in (canonicalize_name(imported), imported.replace(".", "-").lower())
    }
    assert found == known, f"look the new ones up on the package index, then put them into {OTHER_NAMES.name}"
    assert len(known) > 100


def test_the_table_agrees_with_what_is_installed(distributions: dict[str, Any]) -> None:
    table = distributions["distributions"]
    checked = 0
    for imported, found in metadata.packages_distributions().items():
        if imported in table and imported not in ("sql",):
            assert canonicalize_name(table[imported]) in map(canonicalize_name, found), imported
            checked += 1
    assert checked >= 10


def test_what_is_not_available_has_a_reason_and_no_distribution(distributions: dict[str, Any]) -> None:
    assert not distributions["unavailable"].keys() & distributions["distributions"].keys()
    for imported, reason in distributions["unavailable"].items():
        assert re.fullmatch(DOTTED, imported), imported
        assert ": " in reason, f"{imported}: no remedy"


def test_implicit_needs_name_distributions(distributions: dict[str, Any]) -> None:
    for use, needed in distributions["extras"].items():
        assert USE.fullmatch(use), use
        assert needed, use
        assert len(needed) == len(set(needed)), use
        for distribution in needed:
            assert Requirement(distribution).name == distribution, use


def test_bounds_are_specifiers_of_known_distributions(distributions: dict[str, Any]) -> None:
    known = set(map(canonicalize_name, distributions["distributions"].values()))
    for table, extra in (("era", {"instead"}), ("patterns", {"why"})):
        for use, row in distributions[table].items():
            assert row.keys() <= {"requires"} | extra, use
            assert all(isinstance(value, str) and value for value in row.values()), use
            for alternative in row["requires"].split(" || "):
                requirement = Requirement(alternative)
                assert canonicalize_name(requirement.name) in known, use
                assert {specifier.operator for specifier in requirement.specifier} <= {"<", ">="}, use
                assert len(requirement.specifier) == 1, use


def test_uses_with_bounds_are_well_formed(distributions: dict[str, Any]) -> None:
    for use in distributions["era"]:
        match = USE.fullmatch(use)
        assert match, use
        assert match["how"] or "*" not in use, use


def test_a_keyword_and_the_one_that_replaces_it_overlap(distributions: dict[str, Any]) -> None:
    """A keyword that replaces another is there before the other is gone, or with the same release."""
    era = distributions["era"]
    checked = 0
    for use, row in era.items():
        match = USE.fullmatch(use)
        assert match
        successor = f"{match['call']}({row.get('instead')})"
        if "<" in row["requires"] and successor in era:
            gone, new = Requirement(row["requires"]), Requirement(era[successor]["requires"])
            assert gone.name == new.name
            [since], [until] = new.specifier, gone.specifier
            assert Version(since.version) <= Version(until.version), use
            checked += 1
    assert checked >= 5


GONE = {  # as the notes of the releases have it
    "scikit-learn 0.20": "sklearn.cross_validation sklearn.grid_search sklearn.mixture.GMM",
    "scikit-learn 0.22": "sklearn.preprocessing.Imputer sklearn.datasets.fetch_mldata sklearn.covariance.GraphLasso",
    "scikit-learn 0.23": "sklearn.externals.joblib sklearn.externals.six sklearn.metrics.jaccard_similarity_score",
    "scikit-learn 0.24": "sklearn.ensemble.forest sklearn.utils.testing sklearn.tree.tree sklearn.svm.classes",
    "scikit-learn 1.0": "sklearn.cluster.KMeans(n_jobs) sklearn.ensemble.RandomForestClassifier(min_impurity_split)",
    "scikit-learn 1.2": "sklearn.datasets.load_boston sklearn.metrics.plot_roc_curve .get_feature_names"
    " sklearn.metrics.plot_confusion_matrix sklearn.inspection.plot_partial_dependence"
    " sklearn.linear_model.LinearRegression(normalize) sklearn.ensemble.RandomForestRegressor(criterion='mse')",
    "scikit-learn 1.3": "sklearn.metrics.SCORERS sklearn.ensemble.RandomForestClassifier(max_features='auto')"
    " sklearn.linear_model.SGDClassifier(loss='log') sklearn.ensemble.GradientBoostingClassifier(loss='deviance')",
    "scikit-learn 1.4": "sklearn.preprocessing.OneHotEncoder(sparse) sklearn.cluster.AgglomerativeClustering(affinity)"
    " sklearn.linear_model.LogisticRegression(penalty='none') sklearn.ensemble.AdaBoostClassifier(base_estimator)",
    "scikit-learn 1.6": "sklearn.metrics.mean_squared_error(squared)",
    "scikit-learn 1.7": "sklearn.manifold.TSNE(n_iter) sklearn.linear_model.RidgeCV(store_cv_values)",
    "pandas 0.20": "pandas.DataFrame.sort pandas.Series.order",
    "pandas 0.25": "pandas.Panel pandas.TimeGrouper pandas.DataFrame.convert_objects pandas.DataFrame.from_csv",
    "pandas 1": ".ix .as_matrix pandas.DataFrame.ix pandas.read_msgpack pandas.concat(join_axes)"
    " pandas.DataFrame.get_value",
    "pandas 2": "pandas.DataFrame.append pandas.Series.append .iteritems pandas.Int64Index pandas.DataFrame.mad"
    " pandas.DataFrame.lookup pandas.datetime pandas.np pandas.read_csv(error_bad_lines) pandas.read_csv(squeeze)"
    " .to_csv(line_terminator) pandas.Series.is_monotonic",
    "pandas 3": ".applymap pandas.DataFrame.fillna(method) pandas.read_csv(delim_whitespace) pandas.value_counts",
    "numpy 1.24": "numpy.int numpy.float numpy.object numpy.str numpy.complex",
    "numpy 2": "numpy.NaN numpy.Inf numpy.float_ numpy.product numpy.mat numpy.unicode_ numpy.cumproduct",
    "scipy 1.3": "scipy.misc.imread scipy.misc.imresize scipy.misc.imsave scipy.misc.toimage",
    "scipy 1.12": "scipy.array scipy.mean scipy.log scipy.stats.binom_test",
    "scipy 1.14": "scipy.integrate.simps scipy.integrate.trapz scipy.integrate.cumtrapz scipy.interpolate.interp2d",
    "seaborn 0.12": "seaborn.factorplot seaborn.FacetGrid(size) seaborn.scatterplot(#2) seaborn.boxplot(#2)",
    "matplotlib 3.1": "matplotlib.pyplot.hist(normed) .hist(normed) matplotlib.mlab.normpdf",
}
NEW = {
    "scikit-learn 1.0": "sklearn.metrics.ConfusionMatrixDisplay.from_estimator .get_feature_names_out",
    "scikit-learn 1.2": "sklearn.preprocessing.OneHotEncoder(sparse_output) .set_output",
    "scikit-learn 1.3": "sklearn.cluster.HDBSCAN sklearn.preprocessing.TargetEncoder",
    "scikit-learn 1.4": "sklearn.metrics.root_mean_squared_error",
    "pandas 0.25": "pandas.DataFrame.explode pandas.NamedAgg",
    "pandas 1.0": "pandas.json_normalize",
    "pandas 1.3": "pandas.read_csv(on_bad_lines) pandas.read_xml",
    "pandas 2.1": "pandas.DataFrame.map",
    "numpy 2": "numpy.trapezoid",
    "seaborn 0.11": "seaborn.histplot seaborn.displot seaborn.set_theme",
    "seaborn 0.12": "seaborn.objects",
    "matplotlib 3.4": "matplotlib.pyplot.bar_label .bar_label",
}


@pytest.mark.parametrize(("releases", "sign"), [(GONE, "<"), (NEW, ">=")])
def test_bounds_are_the_releases_that_changed_it(
    distributions: dict[str, Any], releases: dict[str, str], sign: str
) -> None:
    for release, uses in releases.items():
        distribution, version = release.split()
        for use in uses.split():
            assert distributions["era"][use]["requires"] == f"{distribution}{sign}{version}", use


WARNING = {  # names that are still there only to say that they are gone, and a library that others bring along
    "scipy.interpolate.interp2d",
    "pkg_resources",
}


def test_bounds_agree_with_what_is_installed(distributions: dict[str, Any]) -> None:
    """Names and keywords are there if the bound allows the version that is installed, and not otherwise."""
    checked = 0
    for use, row in distributions["era"].items():
        match = USE.fullmatch(use)
        assert match
        called, how = match["call"], match["how"]
        if called.startswith(".") or "*" in use or (how and not how.isidentifier()) or use in WARNING:
            continue
        bounds = [Requirement(alternative) for alternative in row["requires"].split(" || ")]
        try:
            allowed = any(one.specifier.contains(metadata.version(one.name), prereleases=True) for one in bounds)
        except metadata.PackageNotFoundError:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = installed._found(called)
        if how:
            if found is None or not callable(found):
                continue
            parameters = inspect.signature(found).parameters
            if any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
                continue
            found = parameters.get(how)
        assert (found is not None) == allowed, use
        checked += 1
    assert checked > 200


def test_oldest_wheels_grow_with_python(distributions: dict[str, Any]) -> None:
    for distribution, wheels in distributions["oldest"].items():
        pythons = [Version(python) for python in wheels]
        releases = [Version(release) for release in wheels.values()]
        assert pythons == sorted(pythons), distribution
        assert releases == sorted(releases), distribution


def test_every_bound_of_the_main_libraries_can_be_judged_on_this_python(distributions: dict[str, Any]) -> None:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    if python not in distributions["oldest"]["scikit-learn"]:
        pytest.skip("no wheels are listed for this version of Python")
    oldest = Version(distributions["oldest"]["scikit-learn"][python])
    boston = SpecifierSet(str(Requirement(distributions["era"]["sklearn.datasets.load_boston"]["requires"]).specifier))
    assert boston.contains(oldest) == (oldest < Version("1.2"))
