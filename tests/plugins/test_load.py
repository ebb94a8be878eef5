"""Loading plug-ins: what is refused, in one message each, and nothing half."""

import sys
import textwrap
from importlib import metadata

import pytest

from rnnbench.connectivity import CONNECTIVITIES
from rnnbench.errors import RnnbenchError
from rnnbench.kernels.catalogue import entries
from rnnbench.kernels.dispatch import load as load_kernel
from rnnbench.plugins import load as plugins
from rnnbench.plugins.load import load_message, load_plugins, loaded, to_message
from rnnbench.suite.schema import Parameters
from rnnbench.tasks import TASKS

DIAGONAL = """
from rnnbench.connectivity import Banded, Connectivity
class Twin(Banded):
    kind = "{kind}"
    aliases = {aliases}
"""
KERNEL = """
from rnnbench.kernels.eager import EagerKernel
class Mine(EagerKernel):
    name = "{name}"
"""


@pytest.fixture(autouse=True)
def nothing_stays(monkeypatch):
    """Put every catalogue back as it was."""
    before = {catalogue: tuple(catalogue) for catalogue in (CONNECTIVITIES, TASKS)}
    kernels, modules = entries(), set(sys.modules)
    monkeypatch.setattr(plugins, "_loaded", [])
    monkeypatch.setattr(plugins, "_installed_are_loaded", [True])
    yield
    for catalogue, choices in before.items():
        for choice in [choice for choice in catalogue if choice not in choices]:
            catalogue.remove(choice)
    from rnnbench.kernels import catalogue as kernel_catalogue

    for entry in [entry for entry in entries() if entry not in kernels]:
        kernel_catalogue.remove(entry)
    for name in set(sys.modules) - modules:
        if name.startswith("rnnbench_plugin_") or name in ("mine", "broken"):
            del sys.modules[name]


@pytest.fixture
def plugin(tmp_path):
    def write(text, name="mine.py"):
        (tmp_path / name).write_text(textwrap.dedent(text))
        return str(tmp_path / name)

    return write


def connectivity(kind="twin", aliases=None):
    return DIAGONAL.format(kind=kind, aliases=aliases or {})


def refused(*asked):
    before = tuple(CONNECTIVITIES), tuple(TASKS), entries(), loaded()
    with pytest.raises(RnnbenchError) as caught:
        load_plugins(asked)
    assert (tuple(CONNECTIVITIES), tuple(TASKS), entries(), loaded()) == before
    return caught.value.message


def test_a_file_adds_to_what_suites_can_name(plugin):
    file = plugin(
        "__version__ = '1.2'" + connectivity(aliases={"both": {"lower": 1, "upper": 1}}) + KERNEL.format(name="mine")
    )
    (found,) = load_plugins([file])
    assert (found.name, found.version) == ("mine", "1.2")
    assert found.provides == {"connectivity": ["twin"], "kernel": ["mine"]}
    parameters = Parameters.model_validate({"connectivity": "both", "kernel": "mine"})
    assert parameters.connectivity.label() == "both"
    assert parameters.model_dump(mode="json")["connectivity"]["twin"]["lower"] == 1
    assert load_kernel("mine").name == "mine"
    assert "mine" in Parameters.model_json_schema()["properties"]["kernel"]["enum"]
    assert load_plugins([file]) == (found,)  # once is enough


def test_a_module_is_found_as_python_finds_it(plugin, tmp_path, monkeypatch):
    plugin(connectivity())
    monkeypatch.syspath_prepend(tmp_path)
    (found,) = load_plugins(["mine"])
    assert found.source.folder == str(tmp_path)


def test_another_process_loads_the_same_or_says_so(plugin, monkeypatch):
    file = plugin(connectivity())
    load_plugins([file])
    message = to_message()
    load_message(message)
    message["expected"][0]["sha256"] = "0" * 64
    with pytest.raises(RnnbenchError, match="plug-in mine: a worker process found another one"):
        load_message(message)


def test_no_plug_ins_no_message():
    assert load_plugins([]) == ()
    assert to_message() is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (connectivity("banded"), "there is a connectivity 'banded' already: give the class Twin another name"),
        (connectivity("twin", {"diagonal": {}}), "there is a connectivity 'diagonal' already"),
        (connectivity("two words"), "has the name 'two words', which is none"),
        (KERNEL.format(name="eager"), "there is a kernel 'eager' already"),
        (
            "from rnnbench.kernels.eager import EagerKernel\nclass Mine(EagerKernel):\n    pass",
            "a kernel 'eager' already",
        ),
        (KERNEL.format(name="fused"), "there is a kernel 'fused' already"),
        (KERNEL.format(name="auto"), "there is a kernel 'auto' already"),
        (connectivity() + KERNEL.format(name="torch"), "there is a kernel 'torch' already"),
        ("x = 1", "it offers nothing: no class in it derives from one of rnnbench.connectivity.base.Connectivity, "),
        ("from rnnbench.connectivity import Banded", "it offers nothing"),
        ("1 / 0", "importing it failed: ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)", "importing it failed: SystemExit: 3"),
        ("import no_such_thing", "importing it failed: ModuleNotFoundError: No module named 'no_such_thing'"),
        ("def f(:", "importing it failed: SyntaxError"),
        (
            "from rnnbench.connectivity import Connectivity\nclass Half(Connectivity):\n    kind = 'half'",
            "connectivity class Half lacks summary, count, draw, from_dense, ",
        ),
    ],
)
def test_what_is_no_plug_in_changes_nothing(plugin, text, message):
    file = plugin(text)
    said = refused(file)
    assert said.startswith(f"plug-in {file}: ")
    assert message in said


def test_what_is_not_there(tmp_path):
    assert refused(str(tmp_path / "no.py")).endswith("there is no such file")
    assert "there is no module 'no_such_plugin' for" in refused("no_such_plugin")
    assert "--plugin ./no_such_plugin.py" in refused("no_such_plugin")


def test_the_second_of_two_with_one_name_is_refused(plugin):
    load_plugins([plugin(connectivity(), "one.py")])
    assert "there is a connectivity 'twin' already" in refused(plugin(connectivity(), "two.py"))


def test_installed_entry_points_are_loaded_unasked(plugin, tmp_path, monkeypatch):
    plugin(connectivity() + KERNEL.format(name="mine"))
    monkeypatch.syspath_prepend(tmp_path)
    information = tmp_path / "mine-3.1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 3.1\n")
    points = information / "entry_points.txt"
    points.write_text("[rnnbench.connectivities]\ntwin = mine:Twin\n[rnnbench.kernels]\nmine = mine:Mine\n")
    monkeypatch.setattr(plugins, "_installed_are_loaded", [])
    (found,) = load_plugins([])
    assert (found.name, found.version) == ("mine", "3.1")
    assert found.provides == {"connectivity": ["twin"], "kernel": ["mine"]}
    assert to_message()["sources"] == []
    monkeypatch.setattr(plugins, "_loaded", [])
    monkeypatch.setattr(plugins, "_installed_are_loaded", [])
    assert "plug-in mine (installed): there is a connectivity 'twin' already" in refused()
    points.write_text("[rnnbench.tasks]\ntwin = mine:Twin\n")
    assert "entry point twin = mine:Twin of rnnbench.tasks is no Task: mend it, or uninstall it" in refused()
    points.write_text("[rnnbench.tasks]\ntwin = broken:Twin\n")
    assert "ModuleNotFoundError: No module named 'broken'" in refused()
    assert metadata.version("mine") == "3.1"
