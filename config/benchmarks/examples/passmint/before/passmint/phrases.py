"""Pass phrases of short words."""

import random

WORDS = (
    "amber anchor apple arrow autumn badge basil beach birch bison brick bridge cabin candle canyon cedar cello "
    "cherry cliff clover cobalt comet copper coral cotton crane creek daisy delta desert dune eagle ember falcon "
    "fern field flint forest frost garnet ginger glacier granite harbor hazel heron honey island ivory jasper "
    "juniper kettle lagoon lantern lemon lilac linen lotus maple marble meadow mint moss nectar north oak ocean "
    "olive onyx orbit otter paper pearl pepper pine plum pond quartz rain raven reef ridge river robin saddle "
    "sage sand silver spruce stone summit thistle timber topaz tulip valley velvet violet walnut willow winter"
).split()


def passphrase(count=4, separator="-", words=WORDS, capitals=False, number=False):
    """Return `count` different words, and a number between 0 and 99 behind them if asked."""
    pool = sorted(set(words))
    if count < 1:
        raise ValueError("a phrase has at least one word")
    if count > len(pool):
        raise ValueError(f"{count} different words out of {len(pool)}")
    chosen = random.sample(pool, count)
    if capitals:
        chosen = [word.capitalize() for word in chosen]
    if number:
        chosen.append(str(random.randint(0, 99)))
    return separator.join(chosen)
