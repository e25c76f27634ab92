"""The understudy: procedural actors who speak and look with emotion, on disk like IEMOCAP and DFDC.

Both need a licence, so a fresh machine has neither. This package writes stand-ins with the same
folders, files and annotations, evaluators who disagree included. A plan (`understudy.plan`) says
who plays what; a part is delivered (`understudy.delivery`) in an emotional manner
(`understudy.manner`), spoken (`understudy.voice`) and recorded with the rest of its dialog
(`understudy.stage`). What was performed moves the faces (`understudy.expression`), which are drawn
(`understudy.head`) and filmed (`understudy.film`). All of it is written (`understudy.corpus`) the
way IEMOCAP is (`understudy.iemocap`). `understudy.dfdc` films other people, and fakes them.
"""

from understudy.corpus import write
from understudy.errors import UnderstudyError
from understudy.sizes import SIZES

__all__ = ["SIZES", "UnderstudyError", "write"]
__version__ = "0.1.0"
