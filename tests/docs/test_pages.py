"""The harness itself: what it runs, what it leaves out, and that it fails when a page is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import Block, Page, PageError, Workshop, blocks_of, commands_of


def _run(text: str, folder: Path) -> Workshop:
    workshop = Workshop(folder)
    workshop.run(Page("page.md", tuple(blocks_of(text, "page.md"))))
    return workshop


def _commands(text: str, language: str = "console") -> list[str]:
    return commands_of(Block("page.md", 1, language, text))


def test_blocks_keep_order_language_line_and_indentation() -> None:
    text = """words

```console
$ true
```
1. step

    ```python
    x = 1
      # in
    ```
"""
    assert list(blocks_of(text, "page.md")) == [
        Block("page.md", 3, "console", "$ true"),
        Block("page.md", 8, "python", "x = 1\n  # in"),
    ]


def test_a_block_inside_longer_fences_is_text() -> None:
    (block,) = blocks_of("````markdown\n```bash\nfalse\n```\n````\n", "page.md")
    assert block.language == "markdown"


def test_console_blocks_run_what_follows_the_prompt_only() -> None:
    assert _commands("$ atlas run\nrm -rf everything\n$ atlas show segments  # all\n") == [
        "atlas run",
        "atlas show segments",
    ]


def test_bash_blocks_run_each_line_without_comments() -> None:
    assert _commands("# first\natlas run\n\natlas doctor # then", "bash") == [
        "atlas run",
        "atlas doctor",
    ]


def test_a_command_may_go_over_several_lines() -> None:
    assert _commands("$ atlas export members \\\n    -o m.parquet\n") == [
        "atlas export members -o m.parquet"
    ]


@pytest.mark.parametrize(
    "command",
    [
        "make demo",
        "pip install customer-atlas",
        "python -m pip install 'customer-atlas[demo]'",
        "python3.11 -m venv .venv",
        "source .venv/bin/activate",
        "git clone URL",
    ],
)
def test_what_sets_up_the_readers_machine_is_exempt(command: str) -> None:
    assert _commands(f"$ {command}") == []


@pytest.mark.parametrize("command", ["atlas demo", "makefile", "pip list", "cd data"])
def test_nothing_else_is_exempt(command: str) -> None:
    assert _commands(f"$ {command}") == [command]


def test_files_commands_and_python_share_one_folder_and_names(tmp_path: Path) -> None:
    text = """
```yaml title="conf/atlas.yaml"
project: shop
```
```console
$ cp conf/atlas.yaml copy.yaml
```
```python
from pathlib import Path
text = Path("copy.yaml").read_text()
```
```python
>>> text
'project: shop\\n'
>>> length = len(text)
```
```python
assert length == 14
```
"""
    before = Path.cwd()
    workshop = _run(text, tmp_path)
    assert workshop.ran[:2] == ["wrote conf/atlas.yaml", "cp conf/atlas.yaml copy.yaml"]
    assert len(workshop.ran) == 5
    assert Path.cwd() == before


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("```console\n$ true\n$ ls nowhere\n```", "page.md:1: 'ls nowhere' ended with exit code"),
        ("```bash\nfalse | true\n```", "page.md:1: 'false | true' ended with exit code 1"),
        ("```bash\nno-such-command\n```", "exit code 127"),
        ("```python\n1 / 0\n```", "page.md:1: ZeroDivisionError"),
        ("```python\n>>> 1 + 1\n3\n```", "page.md:1: the example does not print"),
        ('```yaml title="../out.yaml"\na: 1\n```', "lies outside"),
        ("<!-- test: fails -->\n```bash\ntrue\n```", "was said to fail, and did not"),
        ("<!-- test: skip -->\n```bash\nfalse\n```", "must say why"),
        ("<!-- test: perhaps -->\n```bash\nfalse\n```", "there is no directive 'perhaps'"),
        ("```bash\nfalse\n", "is never closed"),
    ],
)
def test_a_page_that_is_wrong_fails_with_its_place(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(PageError) as raised:
        _run(text, tmp_path)
    assert found in str(raised.value)


def test_a_failing_command_says_what_it_printed(tmp_path: Path) -> None:
    with pytest.raises(PageError, match="no orders here"):
        _run("```bash\necho no orders here; exit 3\n```", tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "<!-- test: skip needs a warehouse -->\n\n```bash\nfalse\n```",
        "<!-- test: fails -->\n```bash\nfalse\n```",
        "```text\nfalse\n```",
    ],
)
def test_a_directive_speaks_for_the_next_block_only(tmp_path: Path, text: str) -> None:
    _run(text, tmp_path)
    with pytest.raises(PageError):
        _run(text + "\n```bash\nfalse\n```", tmp_path)


def test_words_between_a_directive_and_a_block_end_the_directive(tmp_path: Path) -> None:
    with pytest.raises(PageError):
        _run("<!-- test: skip because -->\nand then\n```bash\nfalse\n```", tmp_path)


def test_a_page_says_which_servers_it_needs(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("<!-- test: needs postgres -->\n# Title\n", encoding="utf-8")
    assert Page.read(tmp_path / "page.md", tmp_path).needs == {"postgres"}


def test_a_folder_that_is_entered_stays_entered(tmp_path: Path) -> None:
    _run("```console\n$ mkdir deep\n$ cd deep\n$ touch here\n```\n", tmp_path)
    assert (tmp_path / "deep" / "here").is_file()
    with pytest.raises(PageError, match="no folder 'nowhere'"):
        _run("```console\n$ cd nowhere\n```\n", tmp_path)
