"""Draw the book's cover: a real clip and a fake of it, and what the network of faces says of them.

    python book/cover.py

needs the understudy and what the chapters have made of it (`make book`). The pair is the first of
the test folder, in a lit room, whose fake face shows another emotion than its original.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch

from tells import chapters, plots
from tells.detection import emotional_features
from understudy import excerpts

ROOT = Path("build/understudy/standard")
OUTPUT = Path("book/images/cover.svg")
TIMES = (1.0, 5.0, 9.0)  # s
SIDE = 128  # pixels of a face
SMOOTH = 15  # rows of the curves that are averaged: half a second
STYLE = "lib/tells/plots/tells.mplstyle"


def main() -> None:
    """Draw the cover."""
    told = excerpts.clip_facts(ROOT)
    seen = chapters.Run("05_5_4", {}).use("05_5_2")
    windows = seen.windows("emo-v")
    fake = next(
        name
        for name, clip in sorted(told.items())
        if str(clip["folder"]) == "49"
        and clip["video_method"] == "wrong"
        and clip["scene"]["brightness"] > 0.7
    )
    pair = {"real": told[fake]["original"], "fake": fake}
    trained = seen.use("05_4_4").checkpoint("ver-4")
    plt.style.use(STYLE)
    plt.rcParams["svg.hashsalt"] = "cover"  # the same file each time
    fig = plt.figure(figsize=(9, 4.2), layout="constrained")
    grid = fig.add_gridspec(2, 2, height_ratios=(1.2, 1))
    for column, (kind, name) in enumerate(pair.items()):
        top, bottom = (fig.add_subplot(grid[row, column]) for row in (0, 1))
        faces = [excerpts.clip_portrait(ROOT, name, told[name], t, side=SIDE) for t in TIMES]
        top.imshow(np.hstack(faces))
        top.set_axis_off()
        top.set_title(kind)
        row = windows.table[windows.table["utterance"] == name.removesuffix(".mp4")].iloc[0]
        own = torch.from_numpy(windows.read([row["window"]])[0][: row["rows"]])
        curves = trained.build().output(own).softmax(dim=1).detach().numpy()
        curves = pd.DataFrame(curves).rolling(SMOOTH, center=True, min_periods=1).mean()
        times = np.arange(len(curves)) / emotional_features.RATE
        plots.class_probabilities(curves, trained.classes, times, ax=bottom)
        bottom.get_legend().remove()
        bottom.set(xlim=(0, 10), ylim=(0, 0.6), ylabel="" if column else "probability")
    handles, names = bottom.get_legend_handles_labels()
    fig.legend(handles, names, loc="outside lower center", ncols=len(names))
    fig.savefig(OUTPUT, metadata={"Date": None})


if __name__ == "__main__":
    main()
