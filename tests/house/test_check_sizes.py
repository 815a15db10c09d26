from scripts.check_sizes import LONGEST_FILE, LONGEST_FUNCTION, findings


def function(name, lines, docstring=""):
    return f"def {name}():\n{docstring}" + "    pass\n" * lines


def test_files_and_functions_at_their_limits_are_fine(tmp_path):
    (tmp_path / "long.py").write_text("x = 1\n" * LONGEST_FILE)
    (tmp_path / "long.sh").write_text("true\n" * LONGEST_FILE)
    (tmp_path / "function.py").write_text(function("work", LONGEST_FUNCTION))

    assert list(findings(tmp_path)) == []


def test_one_line_more_is_named_with_its_place(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "long.sh").write_text("true\n" * (LONGEST_FILE + 1))
    (tmp_path / "function.py").write_text("\n" + function("work", LONGEST_FUNCTION + 1))
    (tmp_path / "long.py").write_text("x = 1\n" * (LONGEST_FILE + 1))

    assert list(findings(tmp_path)) == [
        f"deep/long.sh: {LONGEST_FILE + 1} lines, {LONGEST_FILE} are allowed",
        f"function.py:2: work has {LONGEST_FUNCTION + 1} lines, {LONGEST_FUNCTION} are allowed",
        f"long.py: {LONGEST_FILE + 1} lines, {LONGEST_FILE} are allowed",
    ]


def test_methods_and_async_functions_count_too(tmp_path):
    method = function("method", LONGEST_FUNCTION + 1).replace("\n", "\n ").strip()
    (tmp_path / "method.py").write_text(f"class It:\n {method}\n")
    (tmp_path / "task.py").write_text("async " + function("task", LONGEST_FUNCTION + 1))

    assert [finding.split()[:2] for finding in findings(tmp_path)] == [
        ["method.py:2:", "method"],
        ["task.py:1:", "task"],
    ]


def test_a_docstring_makes_no_function_long(tmp_path):
    docstring = '    """' + "Words.\n" * LONGEST_FUNCTION + '"""\n'
    (tmp_path / "explained.py").write_text(function("work", LONGEST_FUNCTION, docstring))
    (tmp_path / "only_explained.py").write_text(function("work", 0, docstring))

    assert list(findings(tmp_path)) == []


def test_environments_and_caches_are_not_measured(tmp_path):
    for folder in (".venv", ".venv-pin", "__pycache__", "dist"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "long.py").write_text("x = 1\n" * (LONGEST_FILE + 1))

    assert list(findings(tmp_path)) == []
