"""Labels of points: names where there is room, numbers where there is not, and nothing over anything."""

import random
from itertools import combinations

import pytest

from rnnbench.report.plots.labels import labels, scattered
from rnnbench.report.plots.plot import Axis, Plot, Point, Series

ROOM = (0.0, 0.0, 340.0, 216.0)
SIZE = 12.0


def labelled(*series):
    """Return the labels of series of places on paper: ``(label, [(x, y, name), ...])``."""
    made = tuple(
        Series(label, tuple(Point(x, y, name=name) for x, y, name in points), slot, "points")
        for slot, (label, points) in enumerate(series)
    )
    plot = Plot("kind", "", "title", "", Axis("x"), Axis("y"), made)
    marks = [[(x, y) for x, y, _ in points] for _, points in series]
    taken = [(x - 4, y - 4, x + 4, y + 4) for own in marks for x, y in own]
    return labels(plot, marks, SIZE, taken, [], ROOM)


def meet(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def cross(one, other):
    """Return whether two leaders cross."""

    def side(a, b, c):
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    (a, b), (c, d) = one, other
    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def test_points_far_apart_have_their_names_beside_them():
    found = labelled(("fused", [(50, 50, "dense"), (200, 150, "diagonal")]), ("eager", [(60, 180, "dense")]))
    assert not found.numbered
    assert [label.text for label in found.of] == ["dense", "diagonal", "dense"]
    assert all(label.box and label.leader is None for label in found.of)


def test_names_in_each_others_way_become_numbers_from_the_highest_point_on():
    crowd = [(150 + k, 100 + 3 * k, f"block_diagonal({k})") for k in range(5)]
    found = labelled(("fused", crowd[::-1]), ("eager", [(300, 20, "dense")]))
    assert found.numbered
    assert [label.text for label in found.of] == ["1", "2", "3", "4", "5", "6"]
    assert [label.mark.name for label in found.of] == ["dense", *(name for _, _, name in crowd)]
    assert [label.mark.slot for label in found.of] == [1, 0, 0, 0, 0, 0]


def test_names_that_series_have_as_well_are_never_numbers():
    crowd = [(f"connectivity {k}", [(150 + k, 100 + k, "")]) for k in range(8)]
    assert not labelled(*crowd).numbered


@pytest.mark.parametrize("spread", [12, 24])
@pytest.mark.parametrize("seed", range(5))
def test_every_number_has_a_place_and_meets_no_point_and_no_other_label(seed, spread):
    chosen = random.Random(seed)  # noqa: S311 - where points lie is no secret
    crowd = [(chosen.gauss(170, spread), chosen.gauss(110, spread), f"block_diagonal({k})") for k in range(12)]
    found = labelled(("fused", crowd[:6]), ("eager", crowd[6:]))
    assert found.numbered
    boxes = [label.box for label in found.of]
    assert all(boxes)
    assert not any(meet(one, other) for one, other in combinations(boxes, 2))
    assert not any(meet(box, (x - 4, y - 4, x + 4, y + 4)) for box in boxes for x, y, _ in crowd)
    leaders = [label.leader for label in found.of if label.leader]
    # Only in a heap, where points cover each other, can leaders not be kept apart.
    assert spread == 12 or not any(cross(one, other) for one, other in combinations(leaders, 2))


def test_a_text_that_is_nearer_to_another_point_has_a_leader():
    found = labelled(("fused", [(100, 100, "a" * 22), (100, 100, "b" * 22), (109, 100, "c" * 22)]))
    for label in found.of:
        x, y = label.mark.at
        middle = ((label.box[0] + label.box[2]) / 2, (label.box[1] + label.box[3]) / 2)
        apart = {at: (at[0] - middle[0]) ** 2 + (at[1] - middle[1]) ** 2 for at in ((100, 100), (109, 100))}
        assert label.leader or min(apart, key=apart.get) == (x, y)


def test_only_few_points_without_lines_are_named():
    def plot(count, style):
        points = tuple(Point(float(at), 1.0) for at in range(count))
        return Plot("kind", "", "title", "", Axis("x"), Axis("y"), (Series("fused", points, 0, style),))

    assert scattered(plot(12, "points"))
    assert not scattered(plot(13, "points"))
    assert not scattered(plot(2, "line"))
