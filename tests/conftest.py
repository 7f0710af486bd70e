"""Settings of the whole suite."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# One thread of linear algebra a process: tests run side by side, and threads that wait for each other on
# too few cores spend most of their time waiting.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

sys.path.insert(0, str(Path(__file__).resolve().parent))

collect_ignore_glob = ["conftest.py", "*/conftest.py"]
"""They are loaded as plugins; ``--doctest-modules`` would import them a second time as modules."""
