import subprocess
from pathlib import Path

from scripts.packaging.shipped import shipped_files


def packed_by_dify(git_dir):
    """What Dify's own packager would take: it reads .difyignore as git reads .gitignore."""
    git = ["git", f"--git-dir={git_dir}", "--work-tree=."]
    subprocess.run([*git, "init", "--quiet"], check=True)
    listing = subprocess.run(
        [*git, "ls-files", "--others", "-z", "--exclude-from=.difyignore"], check=True, capture_output=True, text=True
    )
    return set(filter(None, listing.stdout.split("\0")))


def test_dify_packs_the_same_files_as_make_package(tmp_path):
    assert packed_by_dify(tmp_path / "git") == set(shipped_files(Path()))
