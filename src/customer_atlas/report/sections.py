"""The sections of the page in order: each a title, how to read it, and its figures."""

from __future__ import annotations

from collections.abc import Iterator

from customer_atlas.clustering import Choice
from customer_atlas.report.bias import bias_sections
from customer_atlas.report.cards import cards_html
from customer_atlas.report.criteria import (
    criteria_figures,
    picks_table,
    say_picks,
    values_table,
)
from customer_atlas.report.dendrogram import dendrogram_figure, merges_table, say_alike
from customer_atlas.report.distributions import distribution_figures
from customer_atlas.report.drivers import drivers_section
from customer_atlas.report.facts import Facts
from customer_atlas.report.figure import Figure
from customer_atlas.report.heatmap import SHOWN, VALUED, centroids_table, heatmap_figure
from customer_atlas.report.k_curve import k_figure
from customer_atlas.report.map_section import map_sections
from customer_atlas.report.persona_cards import personas_html, say_counted
from customer_atlas.report.radar import radar_figures
from customer_atlas.report.reliability import (
    reliability_figure,
    reliability_table,
    say_reliability,
)
from customer_atlas.report.rules import rules_html
from customer_atlas.report.section import Section, figure_html, folded, how
from customer_atlas.report.silhouette import (
    say_silhouettes,
    silhouette_figure,
    silhouette_table,
)
from customer_atlas.report.sizes import sizes_figure
from customer_atlas.report.stability import stability_sections
from customer_atlas.report.tables import (
    choice_table,
    definitions_table,
    leaderboard_table,
    outcomes_table,
    quality_html,
    readiness_html,
    unused_table,
)
from customer_atlas.report.words import html, moment

__all__ = ["sections_of"]


_SCALE = (
    '<p class="scale"><span>much less than everyone</span><i aria-hidden="true"></i>'
    "<span>much more</span></p>"
)


_LARGE = 8  # radars that are drawn large; of more, three stand side by side


def sections_of(facts: Facts) -> list[Section]:
    """Return every section that these facts can fill."""
    return [
        _segments(facts),
        _sizes(facts),
        *_heatmap(facts),
        *_distributions(facts),
        *_radars(facts),
        *drivers_section(facts),
        *_personas(facts),
        *_outcomes(facts),
        _choice(facts),
        *_silhouettes(facts),
        *_tree(facts),
        *stability_sections(facts),
        *bias_sections(facts),
        *map_sections(facts),
        _quality(facts),
        _definitions(facts),
    ]


def _segments(facts: Facts) -> Section:
    told = (
        "Each card is one group of customers: how many they are, and what sets them apart from"
        " everyone."
    )
    if facts.inside:
        told += (
            " Inside some lie smaller groups that come back from other draws of the customers; they"
            " are told apart from the rest of their segment."
        )
    cards = cards_html(facts.segments, facts.inside)
    return Section("segments", "Segments", "Who they are", how(told) + cards + rules_html(facts))


def _sizes(facts: Facts) -> Section:
    told = (
        "The pale bar is a segment's share of customers, the full bar its share of revenue: where"
        " the full bar is longer, its customers are worth more than most."
        if facts.money
        else "Each bar is a segment's share of customers."
    )
    title = "Size and revenue" if facts.money else "Size"
    figure = sizes_figure(facts.segments)
    return Section("size", "Size", title, how(told) + figure_html(figure), (figure,))


def _heatmap(facts: Facts) -> Iterator[Section]:
    traits = len(facts.standing.distinct)
    if len(facts.segments) == 1 or not traits:
        return
    figure = heatmap_figure(facts.standing, facts.segments)
    table = centroids_table(facts.standing, facts.segments)
    many = (
        f" Shown are the {SHOWN} of {traits} on which the segments differ most."
        if traits > SHOWN
        else ""
    )
    values = (
        "the number is its typical value"
        if len(facts.segments) <= VALUED
        else "point at a cell for its typical value"
    )
    told = (
        "Each row is something customers do or are, each column a segment. The stronger the colour,"
        f" the further the segment lies from everyone; {values}.{many}"
    )
    yield Section(
        "differences",
        "Differences",
        "What sets them apart",
        how(told) + _SCALE + figure_html(figure) + folded("The same as a table", table),
        (figure,),
    )


def _distributions(facts: Facts) -> Iterator[Section]:
    found = distribution_figures(facts.standing, facts.people, facts.segments)
    if not found:
        return
    told = (
        "The features that tell most. Half of a segment's customers lie within its box and nine in"
        " ten within its whiskers; the dot is the customer in the middle. Where a few have very"
        " much, the scale grows in steps of ten."
    )
    body = "".join(figure_html(figure, trait.label) for trait, figure in found)
    yield Section(
        "spread",
        "Spread",
        "How customers are spread",
        f'{how(told)}<div class="two">{body}</div>',
        tuple(figure for _, figure in found),
    )


def _radars(facts: Facts) -> Iterator[Section]:
    figures = radar_figures(facts.standing, facts.segments) if len(facts.segments) > 1 else []
    if not figures:
        return
    told = (
        "Each spoke ranks a segment's customers among all: at the dotted ring they are like"
        " everyone, at the rim they are ahead of nearly all, in the middle behind."
    )
    body = "".join(
        figure_html(figure, f"{place}  {segment.name}")
        for place, (figure, segment) in enumerate(
            zip(figures, facts.segments, strict=True), start=1
        )
    )
    grid = "two" if len(figures) <= _LARGE else "three"
    body = f'{how(told)}<div class="{grid}">{body}</div>'
    yield Section("profiles", "Profiles", "Profiles side by side", body, tuple(figures))


def _personas(facts: Facts) -> Iterator[Section]:
    if not facts.personas:
        return
    told = f"A card for each segment, to print and hang up. {say_counted(facts.personas)}"
    body = how(told.strip()) + personas_html(facts.personas)
    yield Section("personas", "Personas", "Who is who", body)


def _outcomes(facts: Facts) -> Iterator[Section]:
    if not facts.outcomes:
        return
    told = (
        "Labels take no part in forming segments, so what they say of them is evidence. In brackets"
        " is the 95% interval: how far chance alone may have moved the value."
    )
    body = how(told) + outcomes_table(facts)
    yield Section("outcomes", "Outcomes", "What became of them", body)


def _choice(facts: Facts) -> Section:
    search, choice = facts.search, facts.choice
    null = f"<p>{html(search.null.sentence)}</p>"
    reason = f'<p class="reason">{html(search.reason)}</p>' if search.leaderboard.entries else ""
    reason += "".join(f"<p>{html(said)}</p>" for said in search.merged)
    title = "Why these segments"
    tried = ""
    if search.leaderboard.entries:
        board = search.leaderboard
        table = leaderboard_table(board)
        tried = folded("Everything that was tried", table)
        if board.budget is not None:
            tried = how(f"{board.objective} {board.budget.sentence}") + tried
    if not choice.curve:
        return Section("choice", "How many", title, null + reason + tried)
    competing = (
        "Several algorithms compete for the most usable segments: those that come back from other"
        " draws of the customers (stability), stand apart from their neighbours, and are large"
        " enough to act on. "
        if search.leaderboard.budget is None
        else ""
    )
    told = (
        f"{competing}The curve is that of k-means alone, whose score is 0 where a number"
        " was out; a few segments are preferred to many that are hardly better."
    )
    figure = k_figure(choice)
    together = f'<div class="together">{null}{reason}{how(told)}{figure_html(figure)}</div>'
    table = folded("Each number that was tried with k-means", choice_table(choice))
    criteria, figures = _criteria(choice)
    body = together + tried + table + criteria
    return Section("choice", "How many", title, body, (figure, *figures))


def _criteria(choice: Choice) -> tuple[str, list[Figure]]:
    """Return what each criterion says, where they were asked."""
    found = criteria_figures(choice)
    if not found:
        return "", []
    told = (
        "Each criterion looks at the same segments from a side of its own; none decides alone. The"
        " dashed line is the number that was chosen, the ring the one that a criterion alone would"
        " pick; the band is a standard error to either side."
    )
    curves = "".join(figure_html(figure, one.title, one.sentence) for one, figure in found)
    body = (
        f"<h3>What each criterion says</h3><p>{html(say_picks(choice))}</p>{picks_table(choice)}"
        f'{how(told)}<div class="three">{curves}</div>'
        f"{folded('Each value that was measured', values_table(choice))}"
    )
    return body, [figure for _, figure in found]


def _silhouettes(facts: Facts) -> Iterator[Section]:
    found = facts.geometry.silhouettes
    if found is None:
        return
    told = (
        "Each bar is a customer: at 1 it lies deep in its own segment, at 0 between two, below 0"
        f" nearer to another one. {found.drawn:,} customers were looked at, some of each segment;"
        " beside each stands its mean with the standard error, and the dashed line is the mean of"
        " everyone."
    )
    figure = silhouette_figure(found, facts.segments)
    said = f"<p>{html(say_silhouettes(found, facts.segments))}</p>"
    table = folded("Each segment's silhouette", silhouette_table(found, facts.segments))
    body = said + how(told) + figure_html(figure) + table
    sure, more = _reliability(facts)
    figures = (figure, *more)
    yield Section("silhouettes", "Clear-cut", "How clear-cut they are", body + sure, figures)


def _reliability(facts: Facts) -> tuple[str, list[Figure]]:
    """Return how far membership probabilities hold, where they were learned from refits."""
    found = facts.reliability
    if found is None:
        return "", []
    told = (
        "Each dot stands for customers who were told about the same probability, the larger the"
        " more of them: on the dashed line, as many kept their segment as was said."
    )
    figure = reliability_figure(found)
    body = (
        f"<h3>How far the probabilities hold</h3>"
        f"<p>{html(say_reliability(found, facts.kinds))}</p>{how(told)}{figure_html(figure)}"
        f"{folded('Each bin of probability', reliability_table(found))}"
    )
    return body, [figure]


def _tree(facts: Facts) -> Iterator[Section]:
    tree = facts.geometry.tree
    if tree is None:
        return
    told = (
        "Read from the left: segments that join early are alike, those that join late are not."
        " What joins is what blurs customers least, by the middles of the segments and their sizes"
        " (Ward's linkage). To act on fewer segments, join from the left."
    )
    figure = dendrogram_figure(tree, facts.segments)
    said = f"<p>{html(say_alike(tree, facts.segments))}</p>"
    table = folded("Each step", merges_table(tree, facts.segments))
    body = said + how(told) + figure_html(figure) + table
    yield Section("tree", "Kinship", "Which are alike", body, (figure,))


def _quality(facts: Facts) -> Section:
    told = (
        "Every row that was read was kept, filtered out by the project, refused with a reason, or"
        " recognised as a repeat: read = kept + filtered + refused + repeated. Rows that merely"
        " look alike are counted, and kept."
    )
    body = readiness_html(facts.readiness) + how(told) + quality_html(facts.sources)
    unused = unused_table(facts)
    if unused:
        body += f"<h3>What was not used</h3>{unused}"
    return Section("data", "Data", "The data behind it", body)


def _definitions(facts: Facts) -> Section:
    looked = len(facts.people)
    part = (
        ""
        if looked == facts.customers
        else f" Sizes, shares and typical values are of all {facts.customers:,} customers; spreads,"
        f" ranks and differences of {looked:,} of them, evenly chosen."
    )
    recipe = facts.search.recipe
    grouped = (
        f" Customers were grouped by {recipe.title}, on standardised features;" if recipe else ""
    )
    told = (
        f"All features are as of {moment(facts.as_of, clock=True)}.{html(grouped)}"
        f" {'differences' if grouped else 'Differences'} are in standard deviations of"
        f" everyone.{part}"
    )
    libraries = ", ".join(f"{html(name)} {html(of)}" for name, of in facts.libraries.items())
    made = (
        f'<p class="made">Generation {facts.generation} of <bdi>{html(facts.segmentation)}</bdi>,'
        f" served by run {facts.run}. Made with {libraries}.</p>"
    )
    return Section(
        "definitions",
        "Definitions",
        "How it was computed",
        how(told) + definitions_table(facts) + made,
    )
