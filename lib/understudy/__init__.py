"""The understudy: procedural actors who speak and look with emotion, on disk like IEMOCAP and DFDC.

Both need a licence, so a fresh machine has neither. This package writes stand-ins with the same
folders, files and annotations, evaluators who disagree included. A plan (`understudy.plan`) says
which of the people (`understudy.people`) plays what, and with which of IEMOCAP's emotions
(`understudy.emotions`); a part is spoken (`understudy.voice`) with its prosody
(`understudy.prosody`) and mixed with the rest of its dialog (`understudy.mixing`). What was
performed (`understudy.performance`) moves the faces (`understudy.expression`), which are drawn
(`understudy.head`) and filmed (`understudy.film`). All of it is written (`understudy.writing`) the
way IEMOCAP is (`understudy.iemocap`). `understudy.dfdc` films other people, and fakes them.
"""

from understudy.errors import UnderstudyError
from understudy.sizes import SIZES
from understudy.writing import write

__all__ = ["SIZES", "UnderstudyError", "write"]
__version__ = "0.1.0"
