"""The understudy: procedural actors who speak with emotion, on disk like IEMOCAP.

IEMOCAP needs a licence, so a fresh machine has none. This package writes a stand-in with the same
folders, files and annotations, evaluators who disagree included. A plan (`understudy.plan`) says
who plays what; a part is delivered (`understudy.delivery`) in an emotional manner
(`understudy.manner`), spoken (`understudy.voice`), recorded with the rest of its dialog
(`understudy.stage`) and written (`understudy.corpus`) the way IEMOCAP is (`understudy.iemocap`).
"""

from understudy.corpus import write
from understudy.errors import UnderstudyError
from understudy.sizes import SIZES

__all__ = ["SIZES", "UnderstudyError", "write"]
__version__ = "0.1.0"
