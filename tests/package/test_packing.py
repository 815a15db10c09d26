import os
import stat
import subprocess
import zipfile

from scripts.pack import check, pack
from scripts.packaging.archive import checksum

NOT_SHIPPED = [
    "pyproject.toml",
    "tests/test_it.py",
    ".env",
    "_assets/.hidden",
    "_assets/sources/big.svg",
    "provider/notes.md",
    "provider/.secret.py",
    "provider/__pycache__/a.cpython-312.pyc",
]


def test_the_package_holds_the_listed_files_and_no_other(plugin, tmp_path):
    listed = sorted(path.relative_to(plugin).as_posix() for path in plugin.rglob("*") if path.is_file())
    for name in NOT_SHIPPED:
        (plugin / name).parent.mkdir(parents=True, exist_ok=True)
        (plugin / name).write_text("x")

    package = pack(plugin, tmp_path / "out")

    assert zipfile.ZipFile(package.path).namelist() == list(package.files) == listed


def test_a_sound_package_has_no_problems(plugin, tmp_path):
    assert check(pack(plugin, tmp_path / "out")) == []


def test_the_package_says_what_it_is_called(plugin, tmp_path):
    package = pack(plugin, tmp_path / "out")

    assert package.path == tmp_path / "out" / "a_plugin-1.2.3.difypkg"
    assert package.size == package.path.stat().st_size
    assert package.unique_identifier == f"somebody/a_plugin:1.2.3@{package.checksum}"


def test_two_packages_of_the_same_files_are_the_same_bytes(plugin, tmp_path):
    first = pack(plugin, tmp_path / "first")
    for path in plugin.rglob("*"):
        path.chmod(stat.S_IRWXU)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    second = pack(plugin, tmp_path / "second")

    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.checksum == second.checksum


def test_one_changed_byte_changes_the_checksum(plugin, tmp_path):
    first = pack(plugin, tmp_path / "first")
    (plugin / "main.py").write_text("pasS\n")
    second = pack(plugin, tmp_path / "second")

    assert first.checksum != second.checksum


def test_the_checksum_is_the_one_that_the_daemon_computes():
    files = {"manifest.yaml": b"name: x\n", "a/b.py": b"2", "a-b.py": b"3", "é.md": b"", "Z.md": b"4", "a/B.py": b"5"}

    # from CalculateChecksum of dify-plugin-daemon (pkg/plugin_packager/decoder/checksum.go), run on these files
    assert checksum(files) == "fc55ed8b2f5bb5c6b52bd516721b24fc9094de257ec0df1e2c1e692a84e8b85d"


def test_the_repository_makes_a_sound_package(repository, tmp_path):
    assert check(pack(repository, tmp_path)) == []


def test_difys_own_packager_would_take_the_same_files(repository, tmp_path):
    package = pack(repository, tmp_path)

    assert sorted(package.files) == kept_by_difyignore(repository, tmp_path / "empty")


def test_difyignore_says_only_what_difys_packager_understands(repository):
    lines = (repository / ".difyignore").read_text().splitlines()

    assert ".git/" in lines  # git leaves it out by itself, the packager does not
    assert [line for line in lines if line.startswith("!")] == []


def kept_by_difyignore(root, git_dir):
    """As git reads the file: in an empty repository every file is a stranger."""
    git = ["git", f"--git-dir={git_dir}", f"--work-tree={root}"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    strangers = [*git, "ls-files", "-z", "--others", f"--exclude-from={root / '.difyignore'}"]
    return sorted(subprocess.run(strangers, cwd=root, check=True, capture_output=True).stdout.decode().split("\0")[:-1])
