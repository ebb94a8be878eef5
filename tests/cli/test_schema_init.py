"""``rnnbench schema`` and ``rnnbench init``."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from rnnbench.cli import app, main
from rnnbench.suite.loader import load_suite

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("what", ["suite", "results"])
def test_the_committed_schemas_are_what_the_command_prints(what):
    printed = CliRunner().invoke(app, ["schema", what]).stdout
    assert printed == (ROOT / "schemas" / f"{what}.schema.json").read_text(), "write it anew with the command"
    assert json.loads(printed)["$schema"].startswith("http://json-schema.org/draft-07")


def test_another_word_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["schema", "suites"])
    assert caught.value.code == 2
    assert "'suite', 'results'" in capsys.readouterr().err


def test_init_writes_a_suite_that_loads_and_says_what_is_next(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["init"])
    assert done.exit_code == 0
    assert done.stdout == ""
    assert done.stderr == "Wrote suite.yaml. Next: rnnbench validate suite.yaml, then rnnbench run suite.yaml --quick\n"
    assert len(load_suite(Path("suite.yaml")).cases) == 4


@pytest.mark.parametrize(
    ("given", "written"), [("mine.yaml", "mine.yaml"), ("new/mine.yaml", "new/mine.yaml"), (".", "suite.yaml")]
)
def test_init_takes_a_name_or_a_folder(given, written, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["init", given]).exit_code == 0
    assert load_suite(Path(written)).name == Path(written).stem


def test_init_overwrites_only_with_force(tmp_path, capsys):
    path = tmp_path / "mine.yaml"
    path.write_text("precious")
    with pytest.raises(SystemExit) as caught:
        main(["init", str(path)])
    assert caught.value.code == 2
    assert capsys.readouterr().err == (
        f"Error: {path}: is there already: give another name, or overwrite it with --force\n"
    )
    assert path.read_text() == "precious"
    with pytest.raises(SystemExit) as caught:
        main(["init", str(path), "--force"])
    assert caught.value.code == 0
    assert load_suite(path).name == "mine"


def test_init_says_where_it_cannot_write(tmp_path, capsys):
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as caught:
        main(["init", str(tmp_path / "file" / "mine.yaml")])
    assert caught.value.code == 2
    assert "is a file, not a folder" in capsys.readouterr().err
