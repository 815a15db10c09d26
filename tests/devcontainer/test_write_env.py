"""write-env: a block of its own in a file that is somebody else's."""

import subprocess
from pathlib import Path

import pytest

WRITE_ENV = Path(__file__).parents[2] / "devcontainer" / "network" / "write-env"
FIRST = "# local-models: written by host-address; a line of yours outside of this block wins"
LAST = "# local-models: end"


def write_env(*arguments, cwd=None):
    return subprocess.run([WRITE_ENV, *arguments], capture_output=True, text=True, check=False, cwd=cwd)


def as_nobody(script, *arguments):
    """The script is read from stdin, and the temporary folder opened: nobody may not look into those of root."""
    file = Path(arguments[0])
    for folder in [file.parent, *file.parents[1:-2]]:
        folder.chmod(folder.stat().st_mode | 0o555)
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-s", *arguments]
    text = Path(script).read_text(encoding="utf-8")
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, cwd="/")


def names(folder):
    return [path.name for path in folder.iterdir()]


def block(*lines):
    return "\n".join([FIRST, *lines, LAST, ""])


@pytest.fixture
def file(tmp_path):
    return tmp_path / ".env"


def test_a_file_that_is_not_there_is_made(tmp_path, file):
    assert write_env(".env", "A=1", cwd=tmp_path).returncode == 0
    assert file.read_text() == block("A=1")


@pytest.mark.parametrize("before", ["A=1\n\n# note\nB='two words'\n", "A=1", "", "\n\n", "A=1\r\nB=2\r\n", "Ä=ü\n"])
def test_what_was_there_stays_byte_for_byte(file, before):
    file.write_bytes(before.encode())

    assert write_env(file, "C=3").returncode == 0

    gap = "\n" if before and not before.endswith("\n") else ""
    assert file.read_bytes().decode() == before + gap + block("C=3")


@pytest.mark.parametrize("line", ["A=mine", "export A=mine", "  A = mine", "A=", "A='x'\r"])
def test_a_value_of_the_user_is_kept_and_told(file, line):
    file.write_bytes(f"{line}\n".encode())

    result = write_env(file, "A=ours", "B=2")

    assert file.read_bytes().decode() == f"{line}\n" + block("B=2")
    assert result.stderr == f"write-env: A in {file} is yours and stays as it is\n"


@pytest.mark.parametrize("line", ["#A=1", "AA=1", "A_B=1", "X=A=1"])
def test_a_line_that_sets_something_else_is_not_taken_for_the_users_value(file, line):
    file.write_text(f"{line}\n")

    write_env(file, "A=ours")

    assert file.read_text() == f"{line}\n" + block("A=ours")


def test_the_block_is_replaced_where_it_stands(file):
    file.write_text("A=1\n" + block("B=1", "OLD=1") + "# after\nC=1\n")

    write_env(file, "B=2", "D=2")

    assert file.read_text() == "A=1\n" + block("B=2", "D=2") + "# after\nC=1\n"


def test_the_block_is_found_by_an_editor_of_windows_too(file):
    file.write_bytes(("A=1\n" + block("B=1") + "C=1\n").replace("\n", "\r\n").encode())

    write_env(file, "B=2")

    assert file.read_bytes().decode() == "A=1\r\n" + block("B=2") + "C=1\r\n"


def test_the_same_again_does_not_touch_the_file(file):
    write_env(file, "A=1")
    before = file.stat()

    write_env(file, "A=1")

    after = file.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_mode_is_kept_and_nothing_else_is_in_the_folder(file):
    file.write_text("A=1\n")
    file.chmod(0o640)

    write_env(file, "B=2")

    assert (file.stat().st_mode & 0o777, names(file.parent)) == (0o640, [".env"])


def test_a_link_stays_a_link(tmp_path, file):
    (tmp_path / "real").write_text("A=1\n")
    file.symlink_to("real")

    write_env(file, "B=2")

    assert (file.is_symlink(), (tmp_path / "real").read_text()) == (True, "A=1\n" + block("B=2"))


def test_a_file_in_somebody_else_s_folder_is_filled(tmp_path, file):
    file.write_text("A=1\n")
    file.chmod(0o666)
    tmp_path.chmod(0o555)

    result = as_nobody(str(WRITE_ENV), str(file), "B=2")

    assert (result.returncode, file.read_text()) == (0, "A=1\n" + block("B=2")), result.stderr


def test_a_file_that_is_only_to_be_read_is_told_and_stays(tmp_path, file):
    file.write_text("A=1\n")
    file.chmod(0o444)

    result = as_nobody(str(WRITE_ENV), str(file), "B=2")

    assert (result.returncode, result.stderr) == (2, f"write-env: {file} cannot be written to\n")
    assert (file.read_text(), names(tmp_path)) == ("A=1\n", [".env"])


@pytest.mark.parametrize("name", ["a=b/.env", "c=d.env"])
def test_a_path_may_look_like_a_variable(tmp_path, name):
    (tmp_path / "a=b").mkdir()
    (tmp_path / name).write_text("A=1\n" + block("B=1"))

    assert write_env(name, "B=2", cwd=tmp_path).returncode == 0
    assert (tmp_path / name).read_text() == "A=1\n" + block("B=2")


def test_a_link_that_leads_in_a_circle_is_told(file):
    file.symlink_to(".env")

    result = write_env(file, "B=2")

    assert (result.returncode, result.stderr) == (2, f"write-env: {file} is a link that leads nowhere\n")


@pytest.mark.parametrize(
    "text", ["A=1\n" + FIRST + "\nB=1\nMINE=1\n", LAST + "\n" + FIRST + "\n", block("A=1") + block("B=1")]
)
def test_a_block_without_its_end_is_refused_for_it_could_swallow_lines(file, text):
    file.write_text(text)

    result = write_env(file, "B=2")

    assert (result.returncode, file.read_text(), names(file.parent)) == (2, text, [".env"])
    assert "lost its end" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [[], [".env"], [".env", "A"], [".env", "A B=1"], [".env", "1A=1"], [".env", "A=two words"], [".env", "A=$(id)"],
     [".env", "A=x\nB=2"], [".", "A=1"], ["no/such/.env", "A=1"]],
)  # fmt: skip
def test_what_cannot_be_meant_ends_with_2_and_writes_nothing(tmp_path, arguments):
    result = write_env(*arguments, cwd=tmp_path)

    assert (result.returncode, result.stderr.startswith("write-env: "), names(tmp_path)) == (2, True, [])
