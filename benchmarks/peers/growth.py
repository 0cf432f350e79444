"""Draws growth.svg: python growth.py FILE < {"goal": …, "series": {name: {size: cost of a unit}}}."""

import json
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "growth"

from matplotlib import pyplot  # noqa: E402  # the backend first

asked = json.load(sys.stdin)
figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 5), width_ratios=(2, 1), sharey=True)
for name, costs in asked["series"].items():
    axes = right if name.startswith("backfill") else left
    sizes = sorted(map(int, costs))
    first = costs[str(sizes[0])] or 1e-9
    axes.plot(sizes, [costs[str(size)] / first for size in sizes], marker="o", label=name)
for axes, unit in ((left, "articles held"), (right, "days filled")):
    axes.axhspan(0.1, asked["goal"], color="#e8f3e8", zorder=0)
    axes.axhline(asked["goal"], color="#3a7d3a", linewidth=1, linestyle="--")
    axes.set(xscale="log", yscale="log", xlabel=unit)
    axes.set_xticks(sorted({size for line in axes.get_lines() for size in line.get_xdata() if size > 1}))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
left.set_ylabel("a unit of work, times what it costs at the smallest size")
figure.suptitle(f"What a unit of work costs as the warehouse grows (goal: at most {asked['goal']} times)")
figure.tight_layout()
figure.savefig(sys.argv[1], metadata={"Date": None})
