"""The text of a project file: what is proposed, and beside it why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import yaml

from customer_atlas.discovery.proposal import Proposal, ProposedSource

__all__ = ["project_text"]

_COLUMN = 44
_HEAD = """\
# What the files are, as far as they tell. Change what is wrong, and run: atlas run
# Every key is explained by `atlas schema`.
"""


def project_text(proposal: Proposal) -> str:
    """Return a commented project file that declares what is proposed."""
    lines = [
        f"project: {_scalar(proposal.project)}",
        _beside("timezone: UTC", "times without a zone mean this one"),
        "sources:",
    ]
    for source in proposal.sources:
        lines += _source(source, proposal)
    lines += _people(proposal)
    if proposal.left_out:
        lines += ["", "# Left out:"]
        lines += [f"#   {_line(one.path)}: {_line(one.reason)}" for one in proposal.left_out]
    return _HEAD + "\n".join(lines) + "\n"


def _source(source: ProposedSource, proposal: Proposal) -> Iterator[str]:
    yield _beside(f"  {source.name}:", f"{source.rows:,} rows" if source.rows is not None else "")
    for doubt in proposal.doubts:
        if doubt.table == source.name:
            yield f"    # Not sure: {_line(doubt.sentence)}"
    for note in source.notes:
        yield f"    # {_line(note)}"
    paths = [_scalar(path) for path in source.paths]
    yield f"    path: {paths[0] if len(paths) == 1 else '[' + ', '.join(paths) + ']'}"
    yield _beside(f"    role: {source.role.value}", source.reasons.get("role", ""))
    if source.columns:
        yield "    columns:"
        for name, text in source.columns.items():
            yield _beside(f"      {name}: {_scalar(text)}", source.reasons.get(name, ""))
    if source.where:
        yield _beside(f"    where: {_scalar(source.where)}", source.reasons.get("where", ""))
    if source.read:
        read = ", ".join(f"{key}: {_scalar(value)}" for key, value in source.read.items())
        yield f"    read: {{{read}}}"
    if source.labels:
        yield _beside("    labels:", "held aside: never features")
        for label in source.labels:
            positive = f", positive: {_scalar(label.positive)}" if label.positive else ""
            held = f"{{column: {_scalar(label.column)}{positive}}}"
            yield _beside(f"      {label.name}: {held}", label.reason)
    if source.scales:
        yield _beside("    scales:", "surveys; name reversed items, and divide what asks for two")
        for scale in source.scales:
            listed = ", ".join(map(_scalar, scale.items))
            lowest = f", from: {scale.lowest}" if scale.lowest != 1 else ""
            yield f"      {scale.name}: {{items: [{listed}], points: {scale.points}{lowest}}}"


def _people(proposal: Proposal) -> Iterator[str]:
    if proposal.contact:
        yield _beside("privacy:", "pseudonymise: hmac (keyed hashes), drop or keep")
        yield "  contact:"
        yield from _listed(proposal.contact, "    ")
    if proposal.protected:
        yield _beside("protected:", "audited, and never features")
        yield from _listed(proposal.protected, "  ")


def _listed(names: Mapping[str, str], indent: str) -> Iterator[str]:
    for name, reason in names.items():
        yield _beside(f"{indent}- {_scalar(name)}", "" if reason == "by its name" else reason)


def _beside(text: str, comment: str) -> str:
    return f"{text:<{_COLUMN}}  # {_line(comment)}" if comment else text


def _scalar(text: str) -> str:
    """Return text as YAML on one line, in quotes where it needs them.

    >>> _scalar("a.csv"), _scalar("Yes"), _scalar("#1: b")
    ('a.csv', "'Yes'", "'#1: b'")
    """
    dumped = yaml.safe_dump(text, width=10**9, allow_unicode=True, default_flow_style=True)
    dumped = dumped.removesuffix("\n").removesuffix("\n...")
    if "''" in dumped and not set('"\\') & set(text):
        return f'"{text}"'
    # In [a, b] and {a: b} a comma or a bracket would end a plain scalar.
    plain = not dumped.startswith(("'", '"'))
    if plain and any(mark in dumped for mark in ",[]{}"):
        return "'" + dumped.replace("'", "''") + "'"
    return dumped


def _line(text: str) -> str:
    return " ".join(text.split())
