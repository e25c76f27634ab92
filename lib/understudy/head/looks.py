"""How each of the ten actors looks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """The appearance of a person, chosen by eye.

    Attributes:
        sex: `F` or `M`.
        age: years, 18 to 75.
        origin: shares of the shapes of African, Asian and European faces; they sum to 1.
        skin: sRGB colour of the skin, 0 to 255.
        hair: `cropped`, `short`, `tied`, `bob`, `long`, `receding` or `bald`.
        colour: sRGB colour of hair and brows.
        beard: 0 = shaven, 0.5 = stubble, 1 = full beard.
        iris: sRGB colour of the eyes.
        lips: how strongly the lips are made up, 0 to 1.
        clothes: sRGB colour of the shirt.
        wall: sRGB colour of the wall behind.
        weight: -1 = lean, 0 = average, 1 = heavy.
        shape: seed of the features of the face.
    """

    sex: str
    age: int
    origin: tuple[float, float, float]
    skin: tuple[int, int, int]
    hair: str
    colour: tuple[int, int, int]
    beard: float
    iris: tuple[int, int, int]
    lips: float
    clothes: tuple[int, int, int]
    wall: tuple[int, int, int]
    weight: float
    shape: int


LOOKS = {
    "Ses01F": Look(
        sex="F",
        age=28,
        origin=(0.0, 0.1, 0.9),
        skin=(224, 182, 160),
        hair="long",
        colour=(92, 60, 40),
        beard=0.0,
        iris=(96, 112, 84),
        lips=0.5,
        clothes=(58, 84, 120),
        wall=(120, 118, 110),
        weight=-0.2,
        shape=1,
    ),
    "Ses01M": Look(
        sex="M",
        age=36,
        origin=(0.0, 0.05, 0.95),
        skin=(214, 172, 148),
        hair="short",
        colour=(58, 42, 32),
        beard=0.5,
        iris=(88, 108, 126),
        lips=0.0,
        clothes=(84, 88, 96),
        wall=(104, 112, 120),
        weight=0.0,
        shape=2,
    ),
    "Ses02F": Look(
        sex="F",
        age=44,
        origin=(0.75, 0.0, 0.25),
        skin=(122, 82, 62),
        hair="tied",
        colour=(30, 25, 24),
        beard=0.0,
        iris=(70, 46, 32),
        lips=0.5,
        clothes=(140, 60, 58),
        wall=(126, 122, 106),
        weight=0.1,
        shape=3,
    ),
    "Ses02M": Look(
        sex="M",
        age=58,
        origin=(0.0, 0.1, 0.9),
        skin=(206, 160, 136),
        hair="receding",
        colour=(146, 142, 138),
        beard=0.15,
        iris=(84, 92, 88),
        lips=0.0,
        clothes=(70, 78, 66),
        wall=(112, 104, 96),
        weight=0.3,
        shape=36,
    ),
    "Ses03F": Look(
        sex="F",
        age=24,
        origin=(0.0, 0.85, 0.15),
        skin=(224, 186, 158),
        hair="bob",
        colour=(34, 28, 28),
        beard=0.0,
        iris=(64, 42, 30),
        lips=0.6,
        clothes=(186, 180, 168),
        wall=(98, 110, 112),
        weight=-0.2,
        shape=41,
    ),
    "Ses03M": Look(
        sex="M",
        age=31,
        origin=(0.8, 0.0, 0.2),
        skin=(104, 70, 54),
        hair="cropped",
        colour=(24, 20, 20),
        beard=0.8,
        iris=(60, 40, 28),
        lips=0.0,
        clothes=(164, 158, 140),
        wall=(122, 116, 112),
        weight=0.0,
        shape=42,
    ),
    "Ses04F": Look(
        sex="F",
        age=64,
        origin=(0.0, 0.05, 0.95),
        skin=(220, 180, 162),
        hair="short",
        colour=(178, 172, 164),
        beard=0.0,
        iris=(92, 112, 132),
        lips=0.3,
        clothes=(96, 70, 104),
        wall=(116, 120, 104),
        weight=0.1,
        shape=7,
    ),
    "Ses04M": Look(
        sex="M",
        age=46,
        origin=(0.1, 0.1, 0.8),
        skin=(186, 138, 108),
        hair="bald",
        colour=(48, 38, 32),
        beard=1.0,
        iris=(74, 52, 36),
        lips=0.0,
        clothes=(44, 54, 74),
        wall=(118, 108, 96),
        weight=0.1,
        shape=8,
    ),
    "Ses05F": Look(
        sex="F",
        age=35,
        origin=(0.2, 0.35, 0.45),
        skin=(170, 120, 90),
        hair="long",
        colour=(36, 28, 26),
        beard=0.0,
        iris=(66, 44, 30),
        lips=0.5,
        clothes=(62, 108, 98),
        wall=(110, 106, 118),
        weight=0.0,
        shape=61,
    ),
    "Ses05M": Look(
        sex="M",
        age=22,
        origin=(0.0, 0.05, 0.95),
        skin=(228, 186, 166),
        hair="short",
        colour=(150, 92, 54),
        beard=0.0,
        iris=(84, 120, 134),
        lips=0.0,
        clothes=(134, 92, 62),
        wall=(100, 114, 106),
        weight=-0.3,
        shape=62,
    ),
}
"""By the actor's id. Another seed of the corpus gives another play with the same faces."""
