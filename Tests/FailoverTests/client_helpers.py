"""Makes the helpers of Tests/ClientTests importable: to be imported before any of them."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "ClientTests"))
