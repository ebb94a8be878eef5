"""Writing: the old file or the new one, on full disks and in read-only folders too."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.results.atomic import write_text

WRITE = """
import sys
from pathlib import Path
from rnnbench.errors import RnnbenchError
from rnnbench.results.atomic import write_text
{prepare}
try:
    write_text(Path(sys.argv[1]), "new " * 100_000)
except RnnbenchError as error:
    print(error.message)
    sys.exit(int(error.exit_code))
"""


def write_in_child(path, prepare):
    """Write 400 kB to ``path`` in a process of its own, after ``prepare``; return (exit code, what it said)."""
    code = WRITE.format(prepare=prepare)
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_file_is_made_with_its_folder(tmp_path):
    write_text(tmp_path / "new" / "r.json", "µ")
    assert (tmp_path / "new" / "r.json").read_text(encoding="utf-8") == "µ"
    assert os.listdir(tmp_path / "new") == ["r.json"]


def test_a_file_is_replaced_not_written_into(tmp_path):
    path = tmp_path / "r.json"
    path.write_text("old")
    with path.open() as reader:
        write_text(path, "new")
        assert reader.read() == "old"
    assert path.read_text() == "new"


def test_a_link_is_followed(tmp_path):
    (tmp_path / "target.json").write_text("old")
    (tmp_path / "link.json").symlink_to(tmp_path / "target.json")
    write_text(tmp_path / "link.json", "new")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "target.json").read_text() == "new"


def test_new_files_have_the_permissions_of_any_new_file(tmp_path):
    write_text(tmp_path / "ours", "x")
    (tmp_path / "any").touch()
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "any").stat().st_mode


def test_a_device_is_written_to_not_replaced():
    write_text(Path(os.devnull), "x")
    assert not Path(os.devnull).is_file()


def test_a_folder_and_a_file_as_a_folder_are_refused(tmp_path):
    (tmp_path / "file").touch()
    for path, said in ((tmp_path, "is a folder"), (tmp_path / "file" / "r.json", "is a file, not a folder")):
        with pytest.raises(RnnbenchError, match=said) as caught:
            write_text(path, "x")
        assert caught.value.exit_code == ExitCode.USAGE
    assert os.listdir(tmp_path) == ["file"]


def test_an_interruption_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    def interrupt(descriptor):
        raise KeyboardInterrupt

    path = tmp_path / "r.json"
    path.write_text("old")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["r.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes to set on Windows")
def test_no_room_leaves_the_old_file_whole(tmp_path):
    path = tmp_path / "r.json"
    path.write_text("old")
    # The kernel refuses to let a file of this process grow past the limit: a real failed write, without privileges.
    code, said = write_in_child(path, "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))")
    assert code == ExitCode.USAGE
    assert "no room to write" in said
    assert "as it was before" in said
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["r.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_said_to_be_full():
    with pytest.raises(RnnbenchError, match="No space left on device"):
        write_text(Path("/dev/full"), "x")


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such permissions on Windows")
def test_a_read_only_folder_is_refused():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "r.json").write_text("old")
        folder.chmod(0o555)
        # Root may write anywhere, so the child becomes nobody first.
        code, said = write_in_child(folder / "r.json", "import os; os.getuid() or (os.setgid(65534), os.setuid(65534))")
        folder.chmod(0o755)
        assert code == ExitCode.USAGE
        assert "cannot be written (Permission denied)" in said
        assert "give a file in a folder that you may write to" in said
        assert (folder / "r.json").read_text() == "old"
        assert os.listdir(folder) == ["r.json"]
