"""What stands beside the clips: DFDC's own `metadata.json`, and what each clip really is."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from understudy.dfdc import faces
from understudy.dfdc.plan import Clip, Family
from understudy.performance import Performance

HOME = Path("dfdc")
ABOUT = HOME / "understudy.json"


def folder(number: int) -> Path:
    """Path of a folder of clips below the corpus root."""
    return HOME / f"dfdc_train_part_{number}"


def clip_path(family: Family, clip: Clip) -> Path:
    """Path of a clip below the corpus root."""
    return folder(family.folder) / clip.name


def performance_path(family: Family) -> Path:
    """Path of what was performed in an original, below the corpus root."""
    return Path("performances") / HOME / f"{family.stem}.json"


def metadata_text(families: Iterable[Family]) -> str:
    """Return a folder's `metadata.json`, as in DFDC: no word about the sound."""
    entries = {}
    for family in families:
        for clip in family.clips:
            entries[clip.name] = {"label": _label(clip.fake), "split": "train"}
            if clip.fake:
                entries[clip.name]["original"] = family.clips[0].name
    return json.dumps(dict(sorted(entries.items())))


def about(family: Family, performances: list[Performance]) -> dict[str, dict]:
    """Return what each clip of a family is, by its name."""
    return {
        clip.name: {
            "folder": family.folder,
            "actor": family.player,
            "double": family.double if {clip.video, clip.audio} & {"swap", "other"} else None,
            "original": family.clips[0].name if clip.fake else None,
            "video_label": _label(clip.fake_face),
            "audio_label": _label(clip.fake_voice),
            "video_method": clip.video,
            "audio_method": clip.audio,
            "encoding": clip.coding._asdict(),
            "face": _course(faces.METHODS[clip.video](performances, clip)),
            "voice": [
                entry | {"emotion": mood.emotion} | asdict(mood.course)
                for entry, mood in zip(_course(performances), clip.voice, strict=True)
            ],
            "scene": family.scene._asdict(),
        }
        for clip in family.clips
    }


def _course(performances: list[Performance]) -> list[dict]:
    return [
        {"start": p.start, "end": p.end, "emotion": p.part.emotion} | asdict(p.part.course)
        for p in performances
    ]


def _label(fake: bool) -> str:
    return "FAKE" if fake else "REAL"
