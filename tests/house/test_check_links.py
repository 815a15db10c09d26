import pytest

from scripts.check_links import findings


def write(folder, **documents):
    for name, text in documents.items():
        path = folder / (name.replace("__", "/") + ".md")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_links_to_files_folders_and_headings_that_exist_are_fine(tmp_path):
    links = "[a](docs/deep.md) [b](docs) [c](#set-it-up) [d](docs/deep.md#two-words-1) ![e](<docs/deep.md>)"
    write(
        tmp_path,
        README=f"{links}\n\n## Set it *up*!\n",
        docs__deep="[up](../README.md)\n\n## Two words\n## Two words\n",
    )

    assert list(findings(tmp_path)) == []


LINKS_TO_GONE = [
    "[x](gone.md)",
    "![x](gone.md)",
    "[`x`](gone.md)",
    "[x](gone.md 'title')",
    "[x]: gone.md",
    '<img width="9" src="gone.md">',
]


@pytest.mark.parametrize("text", LINKS_TO_GONE)
def test_a_link_to_a_missing_file_is_named_with_its_line(tmp_path, text):
    write(tmp_path, README=f"One.\n\n```\ncode\n```\n{text}\n")

    assert list(findings(tmp_path)) == ["README.md:6: gone.md: no such file"]


def test_a_link_to_a_missing_heading_is_named(tmp_path):
    write(tmp_path, README="[x](#gone)\n\n```sh\n# gone\n```\n")

    assert list(findings(tmp_path)) == ["README.md:1: #gone: no such heading"]


NO_LINKS_OF_OURS = [
    "[x](https://host/gone)",
    "[x](mailto:a@b)",
    "`[x](gone.md)`",
    "```\n[x](gone.md)\n```",
    "a footnote[^1]\n\n[^1]: gone.md",
]


@pytest.mark.parametrize("text", NO_LINKS_OF_OURS)
def test_what_is_elsewhere_or_code_is_left_alone(tmp_path, text):
    write(tmp_path, README=text)

    assert list(findings(tmp_path)) == []
