"""What stands beside the clips: DFDC's own `metadata.json`, and what each clip really is."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from understudy.dfdc.plan import ClipGroup
from understudy.performance import Performance

HOME = Path("dfdc")
FACTS = HOME / "understudy.json"


def folder(number: int) -> Path:
    """Path of a folder of clips below the corpus root."""
    return HOME / f"dfdc_train_part_{number}"


def clip_files(group: ClipGroup) -> list[Path]:
    """Paths of a group's clips below the corpus root."""
    return [folder(group.folder) / clip.name for clip in group.clips]


def performance_file(group: ClipGroup) -> Path:
    """Path of what was performed in an original, below the corpus root."""
    return Path("performances") / HOME / f"{group.stem}.json"


def metadata_text(groups: Iterable[ClipGroup]) -> str:
    """Return a folder's `metadata.json`, as in DFDC: no word about the sound."""
    entries = {}
    for group in groups:
        for clip in group.clips:
            entries[clip.name] = {"label": _label(clip.fake), "split": "train"}
            if clip.fake:
                entries[clip.name]["original"] = group.clips[0].name
    return json.dumps(dict(sorted(entries.items())))


def facts(group: ClipGroup, performances: list[Performance]) -> dict[str, dict]:
    """Return what each clip of a group is, by its name."""
    return {
        clip.name: {
            "folder": group.folder,
            "actor": group.target,
            "double": group.donor if {clip.video, clip.audio} & {"swap", "other"} else None,
            "original": group.clips[0].name if clip.fake else None,
            "video_label": _label(clip.fake_face),
            "audio_label": _label(clip.fake_voice),
            "video_method": clip.video,
            "audio_method": clip.audio,
            "encoding": clip.coding._asdict(),
            "face": _course(clip.shown(performances)),
            "voice": [
                entry | {"emotion": segment.emotion} | asdict(segment.course)
                for entry, segment in zip(_course(performances), clip.voice, strict=True)
            ],
            "scene": group.scene._asdict(),
        }
        for clip in group.clips
    }


def _course(performances: list[Performance]) -> list[dict]:
    return [
        {"start": p.start, "end": p.end, "emotion": p.part.emotion} | asdict(p.part.course)
        for p in performances
    ]


def _label(fake: bool) -> str:
    return "FAKE" if fake else "REAL"
