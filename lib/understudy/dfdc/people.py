"""The people of the small DFDC: other voices and other looks than the ten of IEMOCAP's stand-in."""

from dataclasses import dataclass

from understudy.actors import Actor, Voice, person
from understudy.head.looks import Look

SKIN = {
    "pale": (230, 192, 176),
    "fair": (222, 180, 158),
    "olive": (202, 156, 126),
    "tan": (180, 130, 100),
    "brown": (142, 98, 74),
    "dark": (108, 74, 56),
    "deep": (84, 56, 44),
}
HAIR = {
    "black": (26, 22, 22),
    "dark brown": (50, 36, 28),
    "brown": (90, 60, 40),
    "auburn": (112, 58, 36),
    "fair": (164, 124, 78),
    "grey": (140, 136, 132),
    "white": (196, 192, 186),
}
IRIS = {
    "brown": (68, 46, 32),
    "hazel": (98, 82, 52),
    "green": (92, 114, 84),
    "blue": (86, 118, 138),
    "grey": (104, 114, 118),
}
CLOTHES = {
    "navy": (46, 58, 88),
    "red": (142, 52, 50),
    "green": (64, 96, 74),
    "grey": (110, 112, 116),
    "black": (42, 42, 46),
    "cream": (190, 182, 164),
    "mustard": (162, 124, 54),
    "plum": (98, 62, 98),
    "teal": (56, 108, 112),
    "rose": (172, 116, 118),
}


@dataclass(frozen=True)
class Player:
    """A person of one folder.

    Attributes:
        id: the folder, the sex and a number: `45F1`.
        look: the appearance.
        voice: and whose voice it is.
    """

    id: str
    look: Look
    voice: Voice


def _look(
    sex: str, age: int, origin: tuple[float, float, float], skin: str, hair: str, colour: str,
    iris: str, clothes: str, shape: int, *,
    beard: float = 0.0, lips: float = 0.0, weight: float = 0.0,
) -> Look:  # fmt: skip
    return Look(
        sex, age, origin, SKIN[skin], hair, HAIR[colour], beard, IRIS[iris], lips,
        CLOTHES[clothes], (112, 110, 106), weight, shape,
    )  # fmt: skip


AFRICAN, ASIAN, EUROPEAN = (0.85, 0.0, 0.15), (0.0, 0.9, 0.1), (0.0, 0.05, 0.95)

PLAYERS = (
    Player(
        "45F1",
        _look("F", 27, EUROPEAN, "pale", "long", "auburn", "green", "teal", 101, lips=0.4),
        Voice("en-us+f1", 175, 198, 1.00),
    ),
    Player(
        "45F2",
        _look("F", 41, ASIAN, "fair", "bob", "black", "brown", "red", 104, lips=0.5),
        Voice("en-us+Annie", 230, 214, 0.98),
    ),
    Player(
        "45M1",
        _look("M", 44, AFRICAN, "dark", "bald", "black", "brown", "grey", 122, beard=0.5),
        Voice("en-us+m2", 99, 96, 0.98),
    ),
    Player(
        "45M2",
        _look("M", 26, EUROPEAN, "fair", "short", "fair", "blue", "navy", 121, beard=0.3),
        Voice("en-us+m5", 100, 118, 1.03),
    ),
    Player(
        "46F1",
        _look("F", 33, AFRICAN, "deep", "tied", "black", "brown", "mustard", 103, lips=0.4),
        Voice("en-us+f3", 203, 202, 1.00),
    ),
    Player(
        "46F2",
        _look("F", 57, (0.1, 0.3, 0.6), "olive", "tied", "grey", "brown", "red", 111, lips=0.4),
        Voice("en-us+aunty", 174, 182, 0.97),
    ),
    Player(
        "46M1",
        _look("M", 39, EUROPEAN, "pale", "cropped", "auburn", "green", "teal", 128, beard=0.9),
        Voice("en-us+m4", 93, 106, 1.02),
    ),
    Player(
        "46M2",
        _look("M", 34, ASIAN, "fair", "short", "black", "brown", "green", 123),
        Voice("en-us+m7", 103, 122, 1.00),
    ),
    Player(
        "47F1",
        _look("F", 52, EUROPEAN, "fair", "bob", "grey", "blue", "plum", 102, lips=0.4, weight=0.3),
        Voice("en-us+shelby", 174, 190, 0.96),
    ),
    Player(
        "47F2",
        _look("F", 30, (0.1, 0.4, 0.5), "tan", "tied", "black", "brown", "green", 107, lips=0.5),
        Voice("en-us+Andrea", 242, 222, 0.98),
    ),
    Player(
        "47M1",
        _look("M", 29, (0.1, 0.4, 0.5), "tan", "short", "black", "brown", "cream", 125, beard=0.8),
        Voice("en-us+Lee", 94, 112, 1.02),
    ),
    Player(
        "47M2",
        _look("M", 23, AFRICAN, "deep", "cropped", "black", "brown", "mustard", 127),
        Voice("en-us+adam", 100, 104, 1.00),
    ),
    Player(
        "48F1",
        _look("F", 47, AFRICAN, "dark", "short", "black", "brown", "teal", 110, lips=0.4),
        Voice("en-us+steph", 182, 188, 1.00),
    ),
    Player(
        "48F2",
        _look("F", 36, EUROPEAN, "fair", "tied", "fair", "blue", "black", 108, lips=0.5),
        Voice("en-us+Alicia", 244, 218, 0.97),
    ),
    Player(
        "48M1",
        _look("M", 51, EUROPEAN, "olive", "receding", "grey", "hazel", "black", 126, beard=0.4),
        Voice("en-us+Gene", 93, 100, 0.98),
    ),
    Player(
        "48M2",
        _look("M", 56, ASIAN, "olive", "short", "grey", "brown", "plum", 129, weight=0.2),
        Voice("en-us+pablo", 108, 110, 0.97),
    ),
    Player(
        "49F1",
        _look("F", 22, (0.3, 0.1, 0.6), "brown", "long", "dark brown", "brown", "cream", 105),
        Voice("en-us+f1", 175, 216, 1.07),
    ),
    Player(
        "49F2",
        _look("F", 68, EUROPEAN, "pale", "short", "white", "grey", "navy", 106, lips=0.3),
        Voice("en-us+grandma", 195, 184, 0.96),
    ),
    Player(
        "49F3",
        _look("F", 24, ASIAN, "pale", "long", "black", "brown", "rose", 109, lips=0.5),
        Voice("en-us+f3", 203, 226, 1.06),
    ),
    Player(
        "49M1",
        _look("M", 62, EUROPEAN, "fair", "receding", "white", "blue", "red", 124),
        Voice("en-us+john", 100, 98, 0.97),
    ),
    Player(
        "49M2",
        _look(
            "M", 31, (0.4, 0.1, 0.5), "brown", "cropped", "black", "brown", "rose", 130, beard=0.6
        ),
        Voice("en-us+marco", 99, 108, 1.00),
    ),
    Player(
        "49M3",
        _look("M", 36, EUROPEAN, "olive", "short", "dark brown", "brown", "grey", 133, beard=0.5),
        Voice("en-us+rob", 111, 120, 1.03),
    ),
)
"""Four for each folder, six for the test folder; looks were chosen by eye."""


def players(folder: int) -> list[Player]:
    """Return the people of a folder; nobody is in two."""
    return [player for player in PLAYERS if player.id.startswith(f"{folder}")]


def named(id_: str) -> Player:
    """Return a person by id."""
    return next(player for player in PLAYERS if player.id == id_)


def actor(seed: int, id_: str) -> Actor:
    """Return a person's voice and habits; the habits come with the seed."""
    player = named(id_)
    return person(seed, player.id, player.look.sex, player.voice)
