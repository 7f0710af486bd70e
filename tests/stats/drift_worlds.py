"""Rows to counts on common cells, for the tests of drift."""

import numpy as np

from plimsoll.stats.two_samples import TwoSamples


def numbers(reference, current, **more):
    """Return two samples of numbers, each different value a cell."""
    one, two = np.asarray(reference, float), np.asarray(current, float)
    values, place = np.unique(np.r_[one, two], return_inverse=True)
    counts = (np.bincount(part, minlength=values.size) for part in np.split(place, [one.size]))
    return TwoSamples(*counts, values, **more)


def categories(reference, current, **more):
    """Return two samples of categories given as whole numbers."""
    two = numbers(reference, current)
    return TwoSamples(two.reference, two.current, **more)


def bucketed(reference, current, buckets):
    """Return two samples with their counts by bucket; numbers where they are floats."""
    two = numbers(reference, current)
    cells = two.values.size
    places = (np.searchsorted(two.values, x) for x in (reference, current))
    held = 1 + max(int(b.max()) for b in buckets)
    counts = [
        np.bincount(b * cells + place, minlength=held * cells).reshape(held, cells)
        for b, place in zip(buckets, places, strict=True)
    ]
    ordered = np.asarray(reference).dtype.kind == "f"
    values = two.values if ordered else None
    return TwoSamples(two.reference, two.current, values, by_bucket=np.stack(counts))
