"""`.env` read as the SDK reads it, checked line by line, and filled without touching what is yours."""

import subprocess

import pytest

from scripts.debug.checking import check_environment, check_lines
from scripts.debug.env_file import EnvFile, filled, parse, read, write
from scripts.debug.places import check_place
from scripts.debug.target import Target, chosen, read_url, variables
from tests.scripts.debug_runs import assert_sdk_reads
from tests.servers.debugging_port import KEY

GOOD = f"INSTALL_METHOD=remote\nREMOTE_INSTALL_HOST=localhost\nREMOTE_INSTALL_PORT=5003\nREMOTE_INSTALL_KEY={KEY}\n"
LINES = [
    ("REMOTE_INSTALL_PORT=5003", "REMOTE_INSTALL_PORT=5OO3", "PORT", True),
    ("REMOTE_INSTALL_PORT=5003", "REMOTE_INSTALL_PORT=70000", "PORT", True),
    ("REMOTE_INSTALL_PORT=5003", "REMOTE_INSTALL_PORT=", "NO_VALUE", False),
    ("REMOTE_INSTALL_HOST=localhost", "REMOTE_INSTALL_HOST=http://localhost", "HOST", True),
    ("REMOTE_INSTALL_HOST=localhost", "REMOTE_INSTALL_HOST=localhost:5003", "HOST", True),
    ("REMOTE_INSTALL_HOST=localhost", f"REMOTE_INSTALL_HOST={KEY}", "KEY_ELSEWHERE", True),
    (KEY, "********-****-****-****-************", "KEY_PLACEHOLDER", True),
    (KEY, "<your key>", "KEY_PLACEHOLDER", True),
    (KEY, "00000000-0000-0000-0000-000000000000", "KEY_PLACEHOLDER", True),
    (KEY, KEY[:-4], "KEY_SHAPE", False),
    (KEY, f"{KEY} {KEY}", "KEY_SHAPE", True),
    (KEY, f'"{KEY}"', "QUOTES", False),
    (KEY, f'"{KEY}', "UNREADABLE", True),
    ("INSTALL_METHOD=remote", "INSTALL_METHOD=local", "METHOD", False),
    ("INSTALL_METHOD=remote\n", "", "METHOD", False),
    ("INSTALL_METHOD=remote", "INSTALL_METHODS=remote", "UNKNOWN_NAME", True),
    ("REMOTE_INSTALL_HOST", "REMOTE_HOST", "UNKNOWN_NAME", True),
    ("REMOTE_INSTALL_KEY", "REMOTE_INSTAL_KEY", "UNKNOWN_NAME", True),
    ("INSTALL_METHOD", "\ufeffINSTALL_METHOD", "BOM", True),
    ("\n", "\r\n", "CRLF", False),
    (f"KEY={KEY}", f"KEY=old\nREMOTE_INSTALL_KEY={KEY}", "DUPLICATE", False),
    ("REMOTE_INSTALL_HOST=localhost", "REMOTE_INSTALL_URL=dify:5004", "TWO_ADDRESSES", False),
    ("REMOTE_INSTALL_HOST=localhost", "REMOTE_INSTALL_URL=localhost", "URL", True),
]  # fmt: skip


def found(text, **more):
    return list(check_lines(parse(text.encode()), ".env", **more))


@pytest.mark.parametrize(
    "text",
    [
        "",
        GOOD,
        GOOD.lower().replace("remote_install_key", "export REMOTE_INSTALL_KEY"),
        f"# Dify\n\nOLLAMA_BASE_URL=http://x:1\nMY_REMOTE=1\n{GOOD}MAX_WORKER=10\n",
        f"INSTALL_METHOD=remote\nREMOTE_INSTALL_URL=debug.dify.ai:5003\nREMOTE_INSTALL_KEY={KEY}\n",
    ],
)
def test_a_sound_file_has_nothing_to_find(text):
    assert found(text) == []


@pytest.mark.parametrize(("old", "new", "code", "stops"), LINES, ids=[f"{row[2]}-{row[1]!r:.40}" for row in LINES])
def test_each_mistake_is_named_with_its_place_and_a_fix(old, new, code, stops):
    [finding, *_] = [each for each in found(GOOD.replace(old, new)) if each.code == code]

    assert finding.stops is stops
    assert finding.where.startswith(".env")
    assert finding.fix
    assert KEY not in f"{finding.where} {finding.wrong} {finding.fix}"


def test_what_is_given_elsewhere_is_not_held_against_the_file():
    text = GOOD.replace(KEY, "<your key>")

    assert [each.code for each in found(text)] == ["KEY_PLACEHOLDER"]
    assert found(text, unused=["REMOTE_INSTALL_KEY"]) == []


def test_quotes_in_the_environment_are_a_part_of_the_value():
    [finding] = check_environment({"REMOTE_INSTALL_KEY": f'"{KEY}"', "REMOTE_INSTALL_PORT": "5003"})

    assert (finding.code, finding.stops, KEY in finding.wrong) == ("QUOTES", True, False)


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_filling_changes_the_lines_that_are_meant_and_adds_what_is_missing(end):
    mine = f"# mine\n\nA='x y' # why\nexport remote_install_key=old\n  B=2{end}"

    text = filled(parse(mine.encode()), {"REMOTE_INSTALL_KEY": KEY, "REMOTE_INSTALL_PORT": "5003"})

    last = "\r\n" if end == "\r\n" else "\n"
    assert (
        text
        == f"# mine\n\nA='x y' # why\nexport remote_install_key={KEY}\n  B=2{end or last}REMOTE_INSTALL_PORT=5003{last}"
    )


def test_it_is_written_for_its_owner_only_and_a_link_stays_one(tmp_path):
    real, link = tmp_path / "real", tmp_path / ".env"
    real.write_text("A=1\n")
    real.chmod(0o644)
    link.symlink_to(real)

    write(link, "A=2\n")

    assert link.is_symlink()
    assert real.read_text() == "A=2\n"
    assert real.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [".env", "real"]


def test_where_it_lies_is_checked_with_git_and_the_packagers_list(tmp_path):
    path = tmp_path / ".env"
    path.write_text(GOOD)
    path.chmod(0o644)
    (tmp_path / "manifest.yaml").touch()
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert [each.code for each in check_place(path)] == ["MODE", "NOT_IGNORED", "NOT_DIFYIGNORED"]

    path.chmod(0o600)
    for name in (".gitignore", ".difyignore"):
        (tmp_path / name).write_text(".env\n")
    assert list(check_place(path)) == []


def test_no_file_is_an_empty_one(tmp_path):
    assert read(tmp_path / ".env") == EnvFile()
    assert list(check_place(tmp_path / ".env")) == []


def test_flags_win_over_the_environment_and_that_over_the_file():
    file, environ = {"REMOTE_INSTALL_HOST": "file", "REMOTE_INSTALL_PORT": "1", "REMOTE_INSTALL_KEY": KEY}, {}
    assert chosen(file, environ, "", 0, ".env") == Target("file", 1, KEY, ".env")

    environ = {"remote_install_host": "env", "REMOTE_INSTALL_KEY": "k", "REMOTE_INSTALL_PORT": ""}
    assert chosen(file, environ, "", 2, ".env") == Target("env", 2, "k", "the environment's REMOTE_INSTALL_KEY")
    assert chosen(file, {"REMOTE_INSTALL_URL": "url:3"}, "", 0, ".env") == Target("url", 3, KEY, ".env")


def test_an_address_with_a_port_is_read_in_all_its_forms():
    assert read_url("localhost:5003") == ("localhost", 5003)
    assert read_url("tcp://[::1]:5003") == ("::1", 5003)
    assert [read_url(text) for text in ("", "localhost", "a:b", "a:99999", "http://a")] == [None] * 5


@pytest.mark.slow
@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "dify.example"])
def test_the_sdk_connects_where_we_say_also_with_an_address_in_its_own_file(tmp_path, host):
    (tmp_path / ".env").write_text("REMOTE_INSTALL_URL=elsewhere:1\nREMOTE_INSTALL_KEY=other\nINSTALL_METHOD=local\n")

    assert_sdk_reads(tmp_path, variables(Target(host, 5003, KEY)), ("Remote", host, 5003, KEY))
